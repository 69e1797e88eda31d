# 322: a request that ends inside a message, or goes on behind its end, is answered, and its worker told.
[worker:echo]
command = echo-worker
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 8                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms call c/1 goes-on streams      | c/1: to echo/0 gen 1, attempt 1
at 2ms more c/1 size 5               | c/1: more to echo/0
at 2ms more c/1 last                 | c/1: answered INVALID (the request ends inside a message, goes on behind its end, or never ends)
                                     | cancel echo/0 c/1 (INVALID)
at 3ms call c/3 goes-on streams      | c/3: to echo/0 gen 1, attempt 1
at 3ms more c/3 size 5 last          | c/3: answered INVALID (the request ends inside a message, goes on behind its end, or never ends)
                                     | cancel echo/0 c/3 (INVALID)
at 4ms call c/5 goes-on streams      | c/5: to echo/0 gen 1, attempt 1
at 4ms more c/5 ends last            | c/5: more to echo/0
at 4ms more c/5 ends                 | c/5: answered INVALID (the request ends inside a message, goes on behind its end, or never ends)
                                     | cancel echo/0 c/5 (INVALID)
at 5ms call c/7                      | c/7: to echo/0 gen 1, attempt 1
at 5ms more c/7 size 5 ends          | c/7: answered INVALID (the request ends inside a message, goes on behind its end, or never ends)
                                     | cancel echo/0 c/7 (INVALID)
at 6ms reply c/1
at 6ms reply c/3
at 6ms reply c/5
at 6ms reply c/7
at 7ms counters echo                 | echo: accepted 4, errored 4
