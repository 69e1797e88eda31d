# 104: a halt without a shutdown before it ends everything at once.
[worker:starting]
command = x
[worker:up]
command = x
[worker:backoff]
command = x
restart_jitter = 0%
[worker:failed]
command = x
restart = never
[worker:down]
command = x
autostart = no
---
at 0s start                          | spawn starting/0 gen 1
                                     | starting/0 gen 1: DOWN -> STARTING (start)
                                     | spawn up/0 gen 1
                                     | up/0 gen 1: DOWN -> STARTING (start)
                                     | spawn backoff/0 gen 1
                                     | backoff/0 gen 1: DOWN -> STARTING (start)
                                     | spawn failed/0 gen 1
                                     | failed/0 gen 1: DOWN -> STARTING (start)
at 0s slots up/0 1                   | up/0 gen 1: STARTING -> UP (ready after 0ms)
at 0s exit backoff/0 code 1          | backoff/0 gen 1: STARTING -> BACKOFF (exit 1, ran 0ms), retry 1 in 250ms
at 0s exit failed/0 code 1           | failed/0 gen 1: STARTING -> FAILED (exit 1, ran 0ms, restart = never)
at 0.1s call client/1 pool up        | client/1: to up/0 gen 1, attempt 1
at 0.2s halt                         | shut
                                     | backoff/0 gen 1: BACKOFF -> DOWN (brood ends)
                                     | kill up/0
                                     | up/0 gen 1: UP -> KILLING (brood ends)
                                     | kill starting/0
                                     | starting/0 gen 1: STARTING -> KILLING (brood ends)
at 0.3s exit starting/0 signal 9     | starting/0 gen 1: KILLING -> DOWN (signal 9 KILL, ran 300ms)
at 0.3s exit up/0 signal 9           | client/1: answered WORKER_CRASHED (up/0 ended while it had this call: signal 9 KILL (attempt 1, it may have run))
                                     | up/0 gen 1: KILLING -> DOWN (signal 9 KILL, ran 300ms), 1 call in hand lost
                                     | finished
