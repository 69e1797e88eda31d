# 083: what one instance has shown in ten seconds holds for its pool; a failed start is never a call's fault.
[worker:echo]
command = echo-worker
instances = 2
restart_jitter = 0%
---
at 0s start                          | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
                                     | spawn echo/1 gen 1
                                     | echo/1 gen 1: DOWN -> STARTING (start)
at 0s slots echo/0 1                 | echo/0 gen 1: STARTING -> UP (ready after 0ms)
at 0s exit echo/1 code 1             | echo/1 gen 1: STARTING -> BACKOFF (exit 1, ran 0ms), retry 1 in 250ms
at 0.25s tick                        | spawn echo/1 gen 2
                                     | echo/1 gen 2: BACKOFF -> STARTING (delay over)
at 0.25s slots echo/1 1              | echo/1 gen 2: STARTING -> UP (ready after 0ms)
at 9s call client/1                  | client/1: to echo/0 gen 1, attempt 1
at 10s call client/3                 | client/3: to echo/1 gen 2, attempt 1
at 10s exit echo/1 signal 11         | client/3: answered WORKER_CRASHED (echo/1 ended while it had this call: signal 11 SEGV (attempt 1, it may have run))
                                     | echo/1 gen 2: UP -> BACKOFF (signal 11 SEGV, ran 9.7s), 1 call in hand lost, retry 2 in 250ms
at 10.25s tick                       | spawn echo/1 gen 3
                                     | echo/1 gen 3: BACKOFF -> STARTING (delay over)
at 10.25s exit echo/1 code 1         | echo/1 gen 3: STARTING -> BACKOFF (exit 1, ran 0ms), retry 3 in 500ms
at 10.75s tick                       | spawn echo/1 gen 4
                                     | echo/1 gen 4: BACKOFF -> STARTING (delay over)
at 10.75s slots echo/1 1             | echo/1 gen 4: STARTING -> UP (ready after 0ms)
at 11s call client/5                 | client/5: to echo/1 gen 4, attempt 1
at 11s exit echo/1 signal 11         | client/5: answered WORKER_CRASHED (echo/1 ended while it had this call: signal 11 SEGV (attempt 1, it may have run))
                                     | echo/1 gen 4: UP -> BACKOFF (signal 11 SEGV, ran 250ms), 1 call in hand lost, retry 4 in 250ms
