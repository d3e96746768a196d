/** A certificate for `localhost` that signs itself, and its key: for tests on the loopback interface, worth nothing elsewhere. */
export const certificate = `-----BEGIN CERTIFICATE-----
MIIBlTCCATugAwIBAgIUR13KA4jtoYy/uRILgiauXUhaIHIwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMjEzMTQyM1oYDzIxMjYxMDI5
MTMxNDIzWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAQj58NWGMwwaoPJATzZpRmDWI8v3sO2DHrhsTTqdfCq91j3eKhGe7xA
OjCqtIpANEEniTgfHzGMFyga2pkZfOmro2kwZzAdBgNVHQ4EFgQUIPRF5nvXIn8S
XaGj22RWYsiPvLgwHwYDVR0jBBgwFoAUIPRF5nvXIn8SXaGj22RWYsiPvLgwDwYD
VR0TAQH/BAUwAwEB/zAUBgNVHREEDTALgglsb2NhbGhvc3QwCgYIKoZIzj0EAwID
SAAwRQIgavuS+51JJ8ikNu97YqJ6VaYyDS13v37yXNi300YKkqwCIQDr+jP93XdC
GbnQZg8coCXBR+TBEnhF+BoZcvs2025CCg==
-----END CERTIFICATE-----
`;

export const certificateKey = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg7YF+/7/Mp3hkuwbS
T53/jE0+3L9aWtwigAhye9/Ub+ChRANCAAQj58NWGMwwaoPJATzZpRmDWI8v3sO2
DHrhsTTqdfCq91j3eKhGe7xAOjCqtIpANEEniTgfHzGMFyga2pkZfOmr
-----END PRIVATE KEY-----
`;
