# 212: with 0..N nothing runs until the first call comes, and nothing again after a while of idleness.
[worker:echo]
command = echo-worker
instances = 0..2
idle_stop = 1s
---
at 0ms start
at 10s call client/1                 | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start, calls wait)
at 10.1s slots echo/0 1              | echo/0 gen 1: STARTING -> UP (ready after 100ms)
                                     | client/1: to echo/0 gen 1, attempt 1, 29.9s left
at 10.2s reply client/1              | client/1: answered by echo/0
at 11.2s tick                        | echo/0 gen 1: UP -> DRAINING (fewer are needed)
                                     | flush echo/0
at 11.2s flushed echo/0              | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 1: DRAINING -> STOPPING (nothing in hand, all handed over), SIGTERM sent
# a call that comes while it ends waits for the other
at 11.3s call client/3               | spawn echo/1 gen 1
                                     | echo/1 gen 1: DOWN -> STARTING (start, calls wait)
at 11.4s exit echo/0 code 0          | echo/0 gen 1: STOPPING -> DOWN (exit 0, ran 1.4s)
at 11.5s slots echo/1 1              | echo/1 gen 1: STARTING -> UP (ready after 200ms)
                                     | client/3: to echo/1 gen 1, attempt 1, 29.8s left
at 11.6s reply client/3              | client/3: answered by echo/1
at 12.6s tick                        | echo/1 gen 1: UP -> DRAINING (fewer are needed)
                                     | flush echo/1
at 12.6s flushed echo/1              | end channel echo/1
                                     | signal echo/1 TERM
                                     | echo/1 gen 1: DRAINING -> STOPPING (nothing in hand, all handed over), SIGTERM sent
at 12.7s exit echo/1 code 0          | echo/1 gen 1: STOPPING -> DOWN (exit 0, ran 1.4s)
# what a command has stopped, load does not start
at 20s stop echo job 1               | job 1: done 0, failed 0 of 0, changed 2
at 21s call client/5                 | client/5: answered NO_WORKER (echo is stopped), retry is safe
at 22s stop echo job 3               | job 3: done 0, failed 0 of 0, changed 0
at 22s start echo job 2              | job 2: done 0, failed 0 of 0, changed 2
at 22s start echo job 4              | job 4: done 0, failed 0 of 0, changed 0
at 23s call client/7                 | spawn echo/0 gen 2
                                     | echo/0 gen 2: DOWN -> STARTING (start, calls wait)
at 23.1s exit echo/0 code 1          | echo/0 gen 2: STARTING -> BACKOFF (exit 1, ran 100ms), retry 1 in 260ms
at 23.2s call client/9
at 23360ms tick                      | spawn echo/0 gen 3
                                     | echo/0 gen 3: BACKOFF -> STARTING (delay over)
at 23.4s shutdown                    | shut
                                     | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 3: STARTING -> STOPPING (brood ends), SIGTERM sent
                                     | client/7: answered DRAINING (brood is stopping), retry is safe
                                     | client/9: answered DRAINING (brood is stopping), retry is safe
