# 205: with update = overlap a new process that does not become ready ends, the old one stays, the restart has failed.
[worker:echo]
command = echo-worker
update = overlap
start_timeout = 100ms
instances = 2
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
                                     | spawn echo/1 gen 1
                                     | echo/1 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 1                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 1ms slots echo/1 1                | echo/1 gen 1: STARTING -> UP (ready after 1ms)
at 2ms restart echo job 1            | spawn echo/0 gen 2
                                     | echo/0 gen 2: DOWN -> STARTING (start, the old one serves meanwhile)
at 102ms tick                        | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 2: STARTING -> STOPPING (not ready within start_timeout), SIGTERM sent
at 103ms call client/1               | client/1: to echo/0 gen 1, attempt 1
at 104ms exit echo/0 new signal 15   | echo/0 gen 2: STOPPING -> DOWN (signal 15 TERM, ran 102ms, not ready within start_timeout)
                                     | job 1: done 0, failed 1, left 1 of 2, changed 1
at 105ms reply client/1              | client/1: answered by echo/0
# a start that fails at once
at 106ms restart echo/1 job 2        | spawn echo/1 gen 2
                                     | echo/1 gen 2: DOWN -> STARTING (start, the old one serves meanwhile)
at 107ms exit echo/1 new cannot exec 2 | echo/1 gen 2: STARTING -> DOWN (cannot start: exec of echo-worker: No such file or directory)
                                     | job 2: done 0, failed 1 of 1, changed 1
# generations are not used twice
at 108ms restart echo/0 job 3        | spawn echo/0 gen 3
                                     | echo/0 gen 3: DOWN -> STARTING (start, the old one serves meanwhile)
at 109ms slots echo/0 new 1          | echo/0 gen 3: STARTING -> UP (ready after 1ms)
                                     | echo/0 gen 1: UP -> DRAINING (the new one is up)
                                     | flush echo/0
at 109ms flushed echo/0 old          | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 1: DRAINING -> STOPPING (nothing in hand, all handed over), SIGTERM sent
at 110ms exit echo/0 old code 0      | echo/0 gen 1: STOPPING -> DOWN (exit 0, ran 110ms)
                                     | job 3: done 1, failed 0 of 1, changed 1
