# 191: what is parked outlives a stop, or not even a restart, as configured; an instance that is scaled away takes it along.
[defaults]
restart_jitter = 0%
fd_store = 4
[worker:yes]
command = x
instances = 2
fd_store_keep = yes
[worker:no]
command = x
fd_store_keep = no
---
at 0ms start                         | spawn yes/0 gen 1
                                     | yes/0 gen 1: DOWN -> STARTING (start)
                                     | spawn yes/1 gen 1
                                     | yes/1 gen 1: DOWN -> STARTING (start)
                                     | spawn no/0 gen 1
                                     | no/0 gen 1: DOWN -> STARTING (start)
at 1ms slots yes/0 1                 | yes/0 gen 1: STARTING -> UP (ready after 1ms)
at 1ms slots yes/1 1                 | yes/1 gen 1: STARTING -> UP (ready after 1ms)
at 1ms slots no/0 1                  | no/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms stop yes                      | yes/1 gen 1: UP -> DRAINING (on command)
                                     | end channel yes/1
                                     | signal yes/1 TERM
                                     | yes/1 gen 1: DRAINING -> STOPPING (nothing in hand), SIGTERM sent
                                     | yes/0 gen 1: UP -> DRAINING (on command)
                                     | end channel yes/0
                                     | signal yes/0 TERM
                                     | yes/0 gen 1: DRAINING -> STOPPING (nothing in hand), SIGTERM sent
at 3ms exit yes/0 code 0             | yes/0 gen 1: STOPPING -> DOWN (exit 0, ran 3ms)
at 3ms exit yes/1 code 0             | yes/1 gen 1: STOPPING -> DOWN (exit 0, ran 3ms)
at 4ms scale yes 1                   | spawn yes/0 gen 2
                                     | yes/0 gen 2: DOWN -> STARTING (start)
                                     | close what yes/1 has parked
at 5ms scale yes 2                   | spawn yes/1 gen 2
                                     | yes/1 gen 2: DOWN -> STARTING (start)
at 6ms slots yes/0 1                 | yes/0 gen 2: STARTING -> UP (ready after 2ms)
at 6ms slots yes/1 1                 | yes/1 gen 2: STARTING -> UP (ready after 1ms)
at 7ms scale yes 1                   | yes/1 gen 2: UP -> DRAINING (fewer are needed)
                                     | end channel yes/1
                                     | signal yes/1 TERM
                                     | yes/1 gen 2: DRAINING -> STOPPING (nothing in hand), SIGTERM sent
at 8ms exit yes/1 code 0             | yes/1 gen 2: STOPPING -> DOWN (exit 0, ran 3ms)
                                     | close what yes/1 has parked
at 9ms exit no/0 signal 9            | no/0 gen 1: UP -> BACKOFF (signal 9 KILL, ran 9ms), retry 1 in 250ms
at 259ms tick                        | spawn no/0 gen 2
                                     | no/0 gen 2: BACKOFF -> STARTING (delay over)
at 260ms slots no/0 1                | no/0 gen 2: STARTING -> UP (ready after 1ms)
at 261ms restart no                  | no/0 gen 2: UP -> DRAINING (on command)
                                     | end channel no/0
                                     | signal no/0 TERM
                                     | no/0 gen 2: DRAINING -> STOPPING (nothing in hand), SIGTERM sent
at 262ms exit no/0 code 0            | spawn no/0 gen 3
                                     | no/0 gen 3: STOPPING -> STARTING (gen 2: exit 0, ran 3ms)
                                     | close what no/0 has parked
