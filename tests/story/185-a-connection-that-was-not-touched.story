# 185: a connection that a draining or dead worker has not touched goes to another one, and is turned away where there is none.
[worker:echo]
command = echo-worker
instances = 2
restart_jitter = 0%
[endpoint:app]
listen = unix:app.sock
pool = echo
dispatch = connection
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
                                     | spawn echo/1 gen 1
                                     | echo/1 gen 1: DOWN -> STARTING (start)
at 5ms slots echo/0 1                | echo/0 gen 1: STARTING -> UP (ready after 5ms)
at 6ms connect a uid 1000 endpoint app | admit a
                                     | a: handed over to echo/0 gen 1
at 6ms connect b uid 1000 endpoint app | admit b
                                     | b: handed over to echo/0 gen 1
at 7ms slots echo/1 1                | echo/1 gen 1: STARTING -> UP (ready after 7ms)
at 8ms drain echo/0                  | echo/0 gen 1: UP -> DRAINING (drained on command)
                                     | goodbye echo/0
at 9ms undone a                      | a: handed over to echo/1 gen 1
at 10ms undone b                     | b: handed over to echo/1 gen 1
                                     | flush echo/0
at 11ms flushed echo/0               | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 1: DRAINING -> STOPPING (nothing in hand, all handed over), SIGTERM sent
at 12ms exit echo/0 code 0           | echo/0 gen 1: STOPPING -> DOWN (exit 0, ran 12ms)
# its end gives back what it had not touched, and what it had is over
at 20ms undone a
at 21ms exit echo/1 signal 9         | b: over
                                     | echo/1 gen 1: UP -> BACKOFF (signal 9 KILL, ran 21ms), retry 1 in 250ms
at 271ms tick                        | spawn echo/1 gen 2
                                     | echo/1 gen 2: BACKOFF -> STARTING (delay over)
at 280ms slots echo/1 1              | echo/1 gen 2: STARTING -> UP (ready after 9ms)
                                     | a: handed over to echo/1 gen 2
at 290ms stop echo                   | echo/1 gen 2: UP -> DRAINING (on command)
                                     | goodbye echo/1
at 291ms undone a                    | a: over, DRAINING
                                     | flush echo/1
