# 107: a shutdown without a process is finished at once.
[worker:a]
command = a
[worker:b]
command = b
autostart = no
---
at 0s start                          | spawn a/0 gen 1
                                     | a/0 gen 1: DOWN -> STARTING (start)
at 0s exit a/0 code 78               | a/0 gen 1: STARTING -> FAILED (exit 78, ran 0ms, listed in no_restart_exit)
at 1s shutdown                       | shut
                                     | a/0 gen 1: FAILED -> DOWN (brood ends)
                                     | finished
