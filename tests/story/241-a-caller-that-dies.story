# 241: a worker that dies is a client that went: its calls are cancelled, and the slots come back.
[worker:front]
command = front
calls = echo
[worker:echo]
command = echo-worker
---
at 0ms start                         | spawn front/0 gen 1
                                     | front/0 gen 1: DOWN -> STARTING (start)
                                     | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms slots front/0 1               | front/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms slots echo/0 1                | echo/0 gen 1: STARTING -> UP (ready after 2ms)
at 4ms connect b uid 1000 endpoint front->echo of front/0 | admit b
at 5ms call b/1 pool echo            | b/1: to echo/0 gen 1, attempt 1
at 6ms call b/3 pool echo
at 7ms gone b                        | cancel echo/0 b/1 (CANCELLED)
at 8ms exit front/0 signal 11        | front/0 gen 1: UP -> BACKOFF (signal 11 SEGV, ran 8ms), retry 1 in 257ms
at 9ms reply b/1
at 265ms tick                        | spawn front/0 gen 2
                                     | front/0 gen 2: BACKOFF -> STARTING (delay over)
at 270ms slots front/0 1             | front/0 gen 2: STARTING -> UP (ready after 5ms)
at 271ms connect c uid 1000 endpoint front->echo of front/0 | admit c
at 272ms call c/1 pool echo          | c/1: to echo/0 gen 1, attempt 1
at 273ms reply c/1                   | c/1: answered by echo/0
