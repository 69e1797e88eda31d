# 225: with dispatch = sticky all calls of a connection go to one instance, whatever their keys are.
[worker:echo]
command = echo-worker
instances = 2
[endpoint:echo]
listen = unix:echo.sock
pool = echo
dispatch = sticky
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
                                     | spawn echo/1 gen 1
                                     | echo/1 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 1                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 1ms slots echo/1 1                | echo/1 gen 1: STARTING -> UP (ready after 1ms)
at 2ms connect alice uid 1000 endpoint echo | admit alice
at 2ms connect bob uid 1000 endpoint echo | admit bob
at 3ms call alice/1                  | alice/1: to echo/0 gen 1, attempt 1
at 3ms call alice/3 order 9
at 3ms call bob/1 order 9            | bob/1: to echo/1 gen 1, attempt 1
at 3ms call bob/3
at 4ms reply alice/1                 | alice/1: answered by echo/0
                                     | alice/3: to echo/0 gen 1, attempt 1, 29.999s left
at 5ms reply bob/1                   | bob/1: answered by echo/1
                                     | bob/3: to echo/1 gen 1, attempt 1, 29.998s left
at 6ms reply alice/3                 | alice/3: answered by echo/0
at 7ms gone bob                      | cancel echo/1 bob/3 (CANCELLED)
at 8ms reply bob/3
at 9ms call alice/5                  | alice/5: to echo/0 gen 1, attempt 1
