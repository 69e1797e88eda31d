# 182: one that drains or leaves is handed no more; where none will come any more, who waits is told so.
[worker:echo]
command = echo-worker
restart_jitter = 0%
[endpoint:app]
listen = unix:app.sock
pool = echo
dispatch = connection
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 5ms slots echo/0 1                | echo/0 gen 1: STARTING -> UP (ready after 5ms)
at 6ms connect a uid 1000 endpoint app | admit a
                                     | a: handed over to echo/0 gen 1
at 7ms restart echo                  | echo/0 gen 1: UP -> DRAINING (on command)
                                     | goodbye echo/0
at 8ms connect b uid 1000 endpoint app | admit b
at 8ms left a                        | a: over
                                     | flush echo/0
at 8ms flushed echo/0                | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 1: DRAINING -> STOPPING (nothing in hand, all handed over), SIGTERM sent
at 9ms exit echo/0 code 0            | spawn echo/0 gen 2
                                     | echo/0 gen 2: STOPPING -> STARTING (gen 1: exit 0, ran 9ms)
at 12ms slots echo/0 1               | echo/0 gen 2: STARTING -> UP (ready after 3ms)
                                     | b: handed over to echo/0 gen 2
at 13ms stop echo                    | echo/0 gen 2: UP -> DRAINING (on command)
                                     | goodbye echo/0
at 14ms connect c uid 1000 endpoint app | admit c
                                     | c: over, DRAINING
at 15ms exit echo/0 code 0           | b: over
                                     | echo/0 gen 2: DRAINING -> DOWN (exit 0, ran 6ms)
at 16ms connect d uid 1000 endpoint app | admit d
                                     | d: over, NO_WORKER
