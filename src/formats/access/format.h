// Logs of web servers, a line each (docs/formats/access.md says what comes out).
//
// kFormat: access logs in the common and combined form of Apache and nginx, as most other servers write them, too:
//
//     203.0.113.9 - jane [10/Oct/2000:13:55:36 -0700] "GET /a.php?x=1 HTTP/1.1" 200 2326 "-" "curl/8.0"
//
// with the virtual host before (host:port), or with more behind. kErrorFormat: error logs of both:
//
//     [Fri Sep 09 10:42:29.902022 2011] [core:error] [pid 35708] [client 203.0.113.9:1234] File does not exist: /x
//     2023/01/02 12:34:56 [error] 1234#1234: *5 open() "/x" failed (2: No such file or directory), client: 203.0.113.9
//
// kSquidFormat: Squid's own access log:
//
//     1772438403.456    120 192.0.2.10 TCP_MISS/200 4096 GET http://www.example.org/ jane HIER_DIRECT/203.0.113.5
//     text/html
//
// Sources: Apache HTTP Server, mod_log_config ("Format Notes" for the escapes) and core, ErrorLogFormat; nginx,
// ngx_http_log_module (log_format, escape=default) and ngx_log.c; Squid, "Squid
// Log Files".
#pragma once

#include "formats/format.h"

namespace spoor::access {

extern const Format kFormat;
extern const Format kErrorFormat;
extern const Format kSquidFormat;

}  // namespace spoor::access
