# Varnish with its built-in VCL: nothing but the origin is named. The parameters are in ../peers.ts.
# {{…}} is filled in by the scoreboard.
vcl 4.1;

backend origin {
  .host = "127.0.0.1";
  .port = "{{originPort}}";
}
