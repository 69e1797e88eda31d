# 245: a direct connection waits for an instance of the called pool, goes to it as a whole, and is over when its owner goes before.
[worker:front]
command = front
calls = echo:direct
[worker:echo]
command = echo-worker
---
at 0ms start                         | spawn front/0 gen 1
                                     | front/0 gen 1: DOWN -> STARTING (start)
                                     | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms slots front/0 1               | front/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms connect a uid 1000 endpoint front->echo of front/0 | admit a
at 3ms connect b uid 1000 endpoint front->echo of front/0 | admit b
at 4ms connect c uid 1000 endpoint front->echo of front/0 | admit c
at 5ms gone b                        | b: over
at 6ms slots echo/0 1                | echo/0 gen 1: STARTING -> UP (ready after 6ms)
                                     | a: handed over to echo/0 gen 1
                                     | c: handed over to echo/0 gen 1
at 7ms left a                        | a: over
at 7ms gone c
at 8ms exit echo/0 signal 9          | c: over
                                     | echo/0 gen 1: UP -> BACKOFF (signal 9 KILL, ran 8ms), retry 1 in 257ms
at 9ms connect d uid 1000 endpoint front->echo of front/0 | admit d
at 265ms tick                        | spawn echo/0 gen 2
                                     | echo/0 gen 2: BACKOFF -> STARTING (delay over)
at 270ms slots echo/0 1              | echo/0 gen 2: STARTING -> UP (ready after 5ms)
                                     | d: handed over to echo/0 gen 2
