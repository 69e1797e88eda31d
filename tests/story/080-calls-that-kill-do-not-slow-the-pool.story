# 080: once an instance has been up for ten seconds, a death with a call in hand keeps the pace of restarts.
[worker:echo]
command = echo-worker
restart_jitter = 0%
---
at 0s start                          | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 0s slots echo/0 1                 | echo/0 gen 1: STARTING -> UP (ready after 0ms)
at 1s call client/1                  | client/1: to echo/0 gen 1, attempt 1
at 2s exit echo/0 signal 11          | client/1: answered WORKER_CRASHED (echo/0 ended while it had this call: signal 11 SEGV (attempt 1, it may have run))
                                     | echo/0 gen 1: UP -> BACKOFF (signal 11 SEGV, ran 2.0s), 1 call in hand lost, retry 1 in 250ms
at 2.25s tick                        | spawn echo/0 gen 2
                                     | echo/0 gen 2: BACKOFF -> STARTING (delay over)
at 2.25s slots echo/0 1              | echo/0 gen 2: STARTING -> UP (ready after 0ms)
at 3s call client/3                  | client/3: to echo/0 gen 2, attempt 1
at 3s exit echo/0 signal 11          | client/3: answered WORKER_CRASHED (echo/0 ended while it had this call: signal 11 SEGV (attempt 1, it may have run))
                                     | echo/0 gen 2: UP -> BACKOFF (signal 11 SEGV, ran 750ms), 1 call in hand lost, retry 2 in 500ms
at 3.5s tick                         | spawn echo/0 gen 3
                                     | echo/0 gen 3: BACKOFF -> STARTING (delay over)
at 3.5s slots echo/0 1               | echo/0 gen 3: STARTING -> UP (ready after 0ms)
# up for ten seconds: from here on it is the calls' fault
at 13.5s call client/5               | client/5: to echo/0 gen 3, attempt 1
at 13.5s exit echo/0 signal 11       | client/5: answered WORKER_CRASHED (echo/0 ended while it had this call: signal 11 SEGV (attempt 1, it may have run))
                                     | echo/0 gen 3: UP -> BACKOFF (signal 11 SEGV, ran 10.0s), 1 call in hand lost, retry 3 in 250ms
at 13.75s tick                       | spawn echo/0 gen 4
                                     | echo/0 gen 4: BACKOFF -> STARTING (delay over)
at 13.75s slots echo/0 1             | echo/0 gen 4: STARTING -> UP (ready after 0ms)
at 14s call client/7                 | client/7: to echo/0 gen 4, attempt 1
at 14s exit echo/0 signal 11         | client/7: answered WORKER_CRASHED (echo/0 ended while it had this call: signal 11 SEGV (attempt 1, it may have run))
                                     | echo/0 gen 4: UP -> BACKOFF (signal 11 SEGV, ran 250ms), 1 call in hand lost, retry 4 in 250ms
at 14.25s tick                       | spawn echo/0 gen 5
                                     | echo/0 gen 5: BACKOFF -> STARTING (delay over)
at 14.25s slots echo/0 1             | echo/0 gen 5: STARTING -> UP (ready after 0ms)
# without a call in hand it is its own
at 15s exit echo/0 signal 11         | echo/0 gen 5: UP -> BACKOFF (signal 11 SEGV, ran 750ms), retry 5 in 1.0s
at 16s tick                          | spawn echo/0 gen 6
                                     | echo/0 gen 6: BACKOFF -> STARTING (delay over)
at 16s slots echo/0 1                | echo/0 gen 6: STARTING -> UP (ready after 0ms)
at 16s exit echo/0 signal 11         | echo/0 gen 6: UP -> BACKOFF (signal 11 SEGV, ran 0ms), retry 6 in 2.0s
