# 326: a client that closes its own direction gets its answers, but a request that has not come whole never will.
[worker:echo]
command = echo-worker
[endpoint:e]
listen = unix:e.sock
pool = echo
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 2                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms connect alice uid 1000 endpoint e | admit alice
at 2ms call alice/1 goes-on streams  | alice/1: to echo/0 gen 1, attempt 1
at 2ms call alice/3                  | alice/3: to echo/0 gen 1, attempt 1
at 2ms call alice/5 goes-on streams
at 2ms more alice/5 size 5 ends last | alice/5: more is kept
at 3ms cut alice                     | alice/1: answered INVALID (the request ends inside a message, goes on behind its end, or never ends)
                                     | cancel echo/0 alice/1 (INVALID)
at 4ms reply alice/3                 | alice/3: answered by echo/0
                                     | alice/5: to echo/0 gen 1, attempt 1, 29.998s left
at 5ms reply alice/1
at 6ms reply alice/5                 | alice/5: answered by echo/0
at 7ms counters echo                 | echo: accepted 3, replied 2, errored 1
