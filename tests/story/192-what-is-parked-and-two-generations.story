# 192: two generations of an instance share what is parked; the end of the old one closes nothing, that of a failed new one neither.
[worker:echo]
command = echo-worker
fd_store = 4
update = overlap
restart_jitter = 0%
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 1                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms restart echo                  | spawn echo/0 gen 2
                                     | echo/0 gen 2: DOWN -> STARTING (start, the old one serves meanwhile)
at 3ms exit echo/0 new code 1        | echo/0 gen 2: STARTING -> DOWN (exit 1, ran 1ms)
at 4ms restart echo                  | spawn echo/0 gen 3
                                     | echo/0 gen 3: DOWN -> STARTING (start, the old one serves meanwhile)
at 5ms slots echo/0 new 1            | echo/0 gen 3: STARTING -> UP (ready after 1ms)
                                     | echo/0 gen 1: UP -> DRAINING (the new one is up)
                                     | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 1: DRAINING -> STOPPING (nothing in hand), SIGTERM sent
at 6ms exit echo/0 old code 0        | echo/0 gen 1: STOPPING -> DOWN (exit 0, ran 6ms)
# the old one dies beside the new one, which takes its place
at 7ms restart echo                  | spawn echo/0 gen 4
                                     | echo/0 gen 4: DOWN -> STARTING (start, the old one serves meanwhile)
at 8ms exit echo/0 signal 9          | echo/0 gen 3: UP -> DOWN (signal 9 KILL, ran 4ms)
at 9ms slots echo/0 1                | echo/0 gen 4: STARTING -> UP (ready after 2ms)
at 10ms stop echo                    | echo/0 gen 4: UP -> DRAINING (on command)
                                     | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 4: DRAINING -> STOPPING (nothing in hand), SIGTERM sent
at 11ms exit echo/0 code 0           | echo/0 gen 4: STOPPING -> DOWN (exit 0, ran 4ms)
                                     | close what echo/0 has parked
