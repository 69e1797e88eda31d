# 032: a worker with ready = alive:1s that ends earlier is a failed start.
[worker:filter]
command = filter
channel = none
restart_jitter = 0%
start_retries = 1
---
at 0s start                          | spawn filter/0 gen 1
                                     | filter/0 gen 1: DOWN -> STARTING (start)
at 0.9s exit filter/0 code 0         | filter/0 gen 1: STARTING -> BACKOFF (exit 0, ran 900ms), retry 1 in 250ms
at 1.15s tick                        | spawn filter/0 gen 2
                                     | filter/0 gen 2: BACKOFF -> STARTING (delay over)
at 2.149s exit filter/0 code 0       | filter/0 gen 2: STARTING -> FAILED (exit 0, ran 999ms, start_retries used up)
