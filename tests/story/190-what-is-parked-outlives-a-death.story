# 190: what an instance has parked outlives its death and a restart by command, and is closed when it stays down or fails.
[worker:echo]
command = echo-worker
fd_store = 4
restart_jitter = 0%
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 1                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms exit echo/0 signal 9          | echo/0 gen 1: UP -> BACKOFF (signal 9 KILL, ran 2ms), retry 1 in 250ms
at 252ms tick                        | spawn echo/0 gen 2
                                     | echo/0 gen 2: BACKOFF -> STARTING (delay over)
at 253ms slots echo/0 1              | echo/0 gen 2: STARTING -> UP (ready after 1ms)
at 254ms restart echo                | echo/0 gen 2: UP -> DRAINING (on command)
                                     | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 2: DRAINING -> STOPPING (nothing in hand), SIGTERM sent
at 255ms exit echo/0 code 0          | spawn echo/0 gen 3
                                     | echo/0 gen 3: STOPPING -> STARTING (gen 2: exit 0, ran 3ms)
at 256ms slots echo/0 1              | echo/0 gen 3: STARTING -> UP (ready after 1ms)
at 257ms stop echo                   | echo/0 gen 3: UP -> DRAINING (on command)
                                     | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 3: DRAINING -> STOPPING (nothing in hand), SIGTERM sent
at 258ms exit echo/0 code 0          | echo/0 gen 3: STOPPING -> DOWN (exit 0, ran 3ms)
                                     | close what echo/0 has parked
at 259ms start echo                  | spawn echo/0 gen 4
                                     | echo/0 gen 4: DOWN -> STARTING (start)
at 260ms exit echo/0 code 1          | echo/0 gen 4: STARTING -> BACKOFF (exit 1, ran 1ms), retry 1 in 250ms
# a stop while it waits for its next start
at 261ms stop echo                   | echo/0 gen 4: BACKOFF -> DOWN (on command)
                                     | close what echo/0 has parked
at 262ms start echo                  | spawn echo/0 gen 5
                                     | echo/0 gen 5: DOWN -> STARTING (start)
at 263ms exit echo/0 code 78         | echo/0 gen 5: STARTING -> FAILED (exit 78, ran 1ms, listed in no_restart_exit)
                                     | close what echo/0 has parked
