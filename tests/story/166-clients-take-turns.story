# 166: where calls wait, clients take turns; of one client the oldest goes first.
[worker:echo]
command = echo-worker
[endpoint:app]
listen = unix:app.sock
pool = echo
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 1                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms connect flood uid 1000 endpoint app | admit flood
at 2ms connect alice uid 1000 endpoint app | admit alice
at 2ms connect bob uid 1000 endpoint app | admit bob
at 3ms call flood/1                  | flood/1: to echo/0 gen 1, attempt 1
at 3ms call flood/3
at 3ms call flood/5
at 3ms call flood/7
at 4ms call alice/1
at 5ms call bob/1
at 5ms call bob/3
at 6ms reply flood/1                 | flood/1: answered by echo/0
                                     | flood/3: to echo/0 gen 1, attempt 1, 29.997s left
at 7ms reply flood/3                 | flood/3: answered by echo/0
                                     | alice/1: to echo/0 gen 1, attempt 1, 29.997s left
at 8ms reply alice/1                 | alice/1: answered by echo/0
                                     | bob/1: to echo/0 gen 1, attempt 1, 29.997s left
at 9ms reply bob/1                   | bob/1: answered by echo/0
                                     | flood/5: to echo/0 gen 1, attempt 1, 29.994s left
at 10ms call alice/3
at 11ms reply flood/5                | flood/5: answered by echo/0
                                     | bob/3: to echo/0 gen 1, attempt 1, 29.994s left
at 12ms reply bob/3                  | bob/3: answered by echo/0
                                     | flood/7: to echo/0 gen 1, attempt 1, 29.991s left
at 13ms reply flood/7                | flood/7: answered by echo/0
                                     | alice/3: to echo/0 gen 1, attempt 1, 29.997s left
at 14ms reply alice/3                | alice/3: answered by echo/0
