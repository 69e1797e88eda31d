# 168: calls that come back from a dead worker go before all that wait, in their order.
[worker:echo]
command = echo-worker
restart_jitter = 0%
[endpoint:app]
listen = unix:app.sock
pool = echo
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 3                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms connect alice uid 1000 endpoint app | admit alice
at 2ms connect bob uid 1000 endpoint app | admit bob
at 3ms call alice/1                  | alice/1: to echo/0 gen 1, attempt 1
at 3ms call bob/1                    | bob/1: to echo/0 gen 1, attempt 1
at 3ms call alice/3                  | alice/3: to echo/0 gen 1, attempt 1
at 3ms call bob/3
at 3ms call bob/5
at 4ms unsent alice/1
at 4ms unsent bob/1
at 4ms unsent alice/3
at 5ms exit echo/0 signal 9          | echo/0 gen 1: UP -> BACKOFF (signal 9 KILL, ran 5ms), 3 requeued, retry 1 in 250ms
at 255ms tick                        | spawn echo/0 gen 2
                                     | echo/0 gen 2: BACKOFF -> STARTING (delay over)
at 256ms slots echo/0 1              | echo/0 gen 2: STARTING -> UP (ready after 1ms)
                                     | alice/1: to echo/0 gen 2, attempt 1, 29.747s left
at 257ms reply alice/1               | alice/1: answered by echo/0
                                     | bob/1: to echo/0 gen 2, attempt 1, 29.746s left
at 258ms reply bob/1                 | bob/1: answered by echo/0
                                     | alice/3: to echo/0 gen 2, attempt 1, 29.745s left
at 259ms reply alice/3               | alice/3: answered by echo/0
                                     | bob/3: to echo/0 gen 2, attempt 1, 29.744s left
at 260ms reply bob/3                 | bob/3: answered by echo/0
                                     | bob/5: to echo/0 gen 2, attempt 1, 29.743s left
