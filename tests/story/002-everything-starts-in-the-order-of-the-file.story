# 002: everything with autostart begins in the order of the file; a worker without it begins on command.
[worker:database]
command = database
instances = 2
[worker:report]
command = report
autostart = no
[worker:web]
command = web
---
at 0ms start                         | spawn database/0 gen 1
                                     | database/0 gen 1: DOWN -> STARTING (start)
                                     | spawn database/1 gen 1
                                     | database/1 gen 1: DOWN -> STARTING (start)
                                     | spawn web/0 gen 1
                                     | web/0 gen 1: DOWN -> STARTING (start)
at 1s slots web/0 1                  | web/0 gen 1: STARTING -> UP (ready after 1.0s)
at 1s slots database/1 1             | database/1 gen 1: STARTING -> UP (ready after 1.0s)
at 1s slots database/0 1             | database/0 gen 1: STARTING -> UP (ready after 1.0s)
at 2s start report                   | spawn report/0 gen 1
                                     | report/0 gen 1: DOWN -> STARTING (start)
at 2.1s slots report/0 1             | report/0 gen 1: STARTING -> UP (ready after 100ms)
