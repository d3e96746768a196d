# Varnish, for speed: the parameters are in ../peers.ts. {{…}} is filled in by the bench.
vcl 4.1;

backend origin {
  .host = "127.0.0.1";
  .port = "{{originPort}}";
}

sub vcl_recv {
  # Its built-in VCL never serves from the cache what is asked for with a cookie. Whoever has cookies takes away those that the origin need not see.
  unset req.http.Cookie;
}
