# 027: exit 78, and whatever else no_restart_exit lists, is not tried again, whether ready or not.
[worker:speaks-another-version]
command = x
[worker:out-of-memory]
command = x
no_restart_exit = 78, KILL
---
at 0ms start                         | spawn speaks-another-version/0 gen 1
                                     | speaks-another-version/0 gen 1: DOWN -> STARTING (start)
                                     | spawn out-of-memory/0 gen 1
                                     | out-of-memory/0 gen 1: DOWN -> STARTING (start)
at 1ms exit speaks-another-version/0 code 78 | speaks-another-version/0 gen 1: STARTING -> FAILED (exit 78, ran 1ms, listed in no_restart_exit)
at 1ms slots out-of-memory/0 1       | out-of-memory/0 gen 1: STARTING -> UP (ready after 1ms)
at 1s exit out-of-memory/0 signal 9  | out-of-memory/0 gen 1: UP -> FAILED (signal 9 KILL, ran 1.0s, listed in no_restart_exit)
at 2s call client/1 pool speaks-another-version | client/1: answered NO_WORKER (no instance of speaks-another-version can run, speaks-another-version/0 failed: exit 78), retry is safe
