# 081: it is a call's fault also if its caller has gone or given up before the worker died of it.
[worker:echo]
command = echo-worker
restart_jitter = 0%
---
at 0s start                          | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 0s slots echo/0 1                 | echo/0 gen 1: STARTING -> UP (ready after 0ms)
at 10s call client/1                 | client/1: to echo/0 gen 1, attempt 1
at 10s cancel client/1               | client/1: answered CANCELLED (cancelled by the caller, it may have run)
                                     | cancel echo/0 client/1 (CANCELLED)
at 10s exit echo/0 signal 11         | echo/0 gen 1: UP -> BACKOFF (signal 11 SEGV, ran 10.0s), retry 1 in 250ms
at 10.25s tick                       | spawn echo/0 gen 2
                                     | echo/0 gen 2: BACKOFF -> STARTING (delay over)
at 10.25s slots echo/0 1             | echo/0 gen 2: STARTING -> UP (ready after 0ms)
at 11s call alice/1                  | alice/1: to echo/0 gen 2, attempt 1
at 11s gone alice                    | cancel echo/0 alice/1 (CANCELLED)
at 11s lost echo/0 closed            | end channel echo/0
                                     | signal echo/0 TERM
                                     | echo/0 gen 2: UP -> STOPPING (it closed its channel), SIGTERM sent
at 11s exit echo/0 signal 11         | echo/0 gen 2: STOPPING -> BACKOFF (signal 11 SEGV, ran 750ms, it closed its channel), retry 2 in 250ms
at 11.25s tick                       | spawn echo/0 gen 3
                                     | echo/0 gen 3: BACKOFF -> STARTING (delay over)
at 11.25s slots echo/0 1             | echo/0 gen 3: STARTING -> UP (ready after 0ms)
# it had not been sent what it had in hand: its own fault
at 12s call bob/1                    | bob/1: to echo/0 gen 3, attempt 1
at 12s gone bob                      | cancel echo/0 bob/1 (CANCELLED)
at 12s unsent bob/1
at 12s exit echo/0 signal 11         | echo/0 gen 3: UP -> BACKOFF (signal 11 SEGV, ran 750ms), retry 3 in 250ms
at 12.25s tick                       | spawn echo/0 gen 4
                                     | echo/0 gen 4: BACKOFF -> STARTING (delay over)
at 12.25s slots echo/0 1             | echo/0 gen 4: STARTING -> UP (ready after 0ms)
at 13s exit echo/0 signal 11         | echo/0 gen 4: UP -> BACKOFF (signal 11 SEGV, ran 750ms), retry 4 in 500ms
