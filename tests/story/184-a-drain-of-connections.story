# 184: connections are told of a drain, take as long as they like, and only then the worker is asked whether it has handed over everything.
[worker:echo]
command = echo-worker
stop_timeout = 100ms
instances = 2
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
at 7ms call client/1                 | client/1: to echo/0 gen 1, attempt 1
at 8ms slots echo/1 1                | echo/1 gen 1: STARTING -> UP (ready after 8ms)
at 10ms drain echo/0 job 1           | echo/0 gen 1: UP -> DRAINING (drained on command)
                                     | goodbye echo/0
at 11ms connect c uid 1000 endpoint app | admit c
                                     | c: handed over to echo/1 gen 1
at 12ms left a                       | a: over
at 13ms reply client/1               | client/1: answered by echo/0
# stop_timeout is long over
at 20s left b                        | b: over
                                     | flush echo/0
at 20.001s flushed echo/0            | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 1: DRAINING -> STOPPING (nothing in hand, all handed over), SIGTERM sent
at 20.01s exit echo/0 code 0         | echo/0 gen 1: STOPPING -> DOWN (exit 0, ran 20.0s)
                                     | job 1: done 1, failed 0 of 1, changed 1
# a call that waits may still be given to one that has connections, where the pool closes: then that hears of it later
at 21s call client/3                 | client/3: to echo/1 gen 1, attempt 1
at 21s call client/5
at 22s stop echo                     | echo/1 gen 1: UP -> DRAINING (on command)
at 22.01s reply client/3             | client/3: answered by echo/1
                                     | client/5: to echo/1 gen 1, attempt 1, 28.99s left
                                     | goodbye echo/1
at 22.02s reply client/5             | client/5: answered by echo/1
at 22.03s left c                     | c: over
                                     | flush echo/1
at 22.03s flushed echo/1             | end channel echo/1
                                     | signal echo/1 TERM
                                     | echo/1 gen 1: DRAINING -> STOPPING (nothing in hand, all handed over), SIGTERM sent
at 22.04s exit echo/1 code 0         | echo/1 gen 1: STOPPING -> DOWN (exit 0, ran 22.0s)
