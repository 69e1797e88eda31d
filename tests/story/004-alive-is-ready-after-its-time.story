# 004: a worker with ready = alive:2s is up when it has run for two seconds, whatever it says before.
[worker:filter]
command = filter
ready = alive:2s
---
at 0ms start                         | spawn filter/0 gen 1
                                     | filter/0 gen 1: DOWN -> STARTING (start)
at 10ms ready filter/0
at 20ms slots filter/0 1
at 30ms call client/1
at 1999ms tick
at 2s tick                           | filter/0 gen 1: STARTING -> UP (ready after 2.0s)
                                     | client/1: to filter/0 gen 1, attempt 1, 28.03s left
at 3s reply client/1                 | client/1: answered by filter/0
