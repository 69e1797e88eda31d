# 123: a user whose calls alone have killed waits, longer each time; others do not, nor does root.
[worker:echo]
command = echo-worker
instances = 2
restart_jitter = 0%
restart_delay = 1ms
crash_penalty = 100ms
quarantine = 0ms
[endpoint:app]
listen = unix:app.sock
pool = echo
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
                                     | spawn echo/1 gen 1
                                     | echo/1 gen 1: DOWN -> STARTING (start)
at 1ms connect alice uid 1000 endpoint app | admit alice
at 1ms connect bob uid 1001 endpoint app | admit bob
at 1ms connect root uid 0 endpoint app | admit root
at 1ms slots echo/0 2                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 1ms slots echo/1 2                | echo/1 gen 1: STARTING -> UP (ready after 1ms)
at 2ms call alice/1                  | alice/1: to echo/0 gen 1, attempt 1
at 3ms exit echo/0 signal 11         | alice/1: answered WORKER_CRASHED (echo/0 ended while it had this call: signal 11 SEGV (attempt 1, it may have run))
                                     | echo/0 gen 1: UP -> BACKOFF (signal 11 SEGV, ran 3ms), 1 call in hand lost, retry 1 in 1ms
at 4ms call alice/3                  | alice/3: answered OVERLOADED (echo has lost 1 instance by calls of uid 1000: refused for another 99ms (crash_penalty)), retry is safe
                                     | spawn echo/0 gen 2
                                     | echo/0 gen 2: BACKOFF -> STARTING (delay over)
at 4ms call bob/1                    | bob/1: to echo/1 gen 1, attempt 1
at 5ms reply bob/1                   | bob/1: answered by echo/1
at 103ms slots echo/0 2              | echo/0 gen 2: STARTING -> UP (ready after 99ms)
at 103ms call alice/5                | alice/5: to echo/1 gen 1, attempt 1
at 103ms call alice/7                | alice/7: to echo/0 gen 2, attempt 1
at 103ms call bob/3                  | bob/3: to echo/1 gen 1, attempt 1
at 103ms call alice/9                | alice/9: to echo/0 gen 2, attempt 1
at 104ms exit echo/0 signal 11       | alice/9: answered WORKER_CRASHED (echo/0 ended while it had this call: signal 11 SEGV (attempt 1, it may have run))
                                     | alice/7: answered WORKER_CRASHED (echo/0 ended while it had this call: signal 11 SEGV (attempt 1, it may have run))
                                     | echo/0 gen 2: UP -> BACKOFF (signal 11 SEGV, ran 100ms), 2 calls in hand lost, retry 2 in 2ms
at 105ms exit echo/1 signal 11       | bob/3: answered WORKER_CRASHED (echo/1 ended while it had this call: signal 11 SEGV (attempt 1, it may have run))
                                     | alice/5: answered WORKER_CRASHED (echo/1 ended while it had this call: signal 11 SEGV (attempt 1, it may have run))
                                     | echo/1 gen 1: UP -> BACKOFF (signal 11 SEGV, ran 105ms), 2 calls in hand lost, retry 1 in 1ms
at 106ms call alice/11               | alice/11: answered OVERLOADED (echo has lost 2 instances by calls of uid 1000: refused for another 198ms (crash_penalty)), retry is safe
                                     | spawn echo/0 gen 3
                                     | echo/0 gen 3: BACKOFF -> STARTING (delay over)
                                     | spawn echo/1 gen 2
                                     | echo/1 gen 2: BACKOFF -> STARTING (delay over)
at 107ms call bob/5
at 108ms call root/1
at 109ms call operator/1
