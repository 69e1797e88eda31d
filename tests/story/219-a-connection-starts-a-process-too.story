# 219: with 0..N a connection that waits starts a process, and one that has connections is not idle.
[worker:echo]
command = echo-worker
instances = 0..2
idle_stop = 1s
[endpoint:app]
listen = unix:app.sock
pool = echo
dispatch = connection
---
at 0ms start
at 10s connect a uid 1000 endpoint app | admit a
                                     | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start, calls wait)
at 10.1s slots echo/0 1              | echo/0 gen 1: STARTING -> UP (ready after 100ms)
                                     | a: handed over to echo/0 gen 1
at 11.1s tick
at 15s left a                        | a: over
at 15100ms tick                      | echo/0 gen 1: UP -> DRAINING (fewer are needed)
                                     | flush echo/0
at 15100ms flushed echo/0            | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 1: DRAINING -> STOPPING (nothing in hand, all handed over), SIGTERM sent
