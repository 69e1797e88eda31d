# 175: C5: answers that a stalled client does not read keep their slots only as long as nobody else waits for one.
[worker:echo]
command = echo-worker
[endpoint:app]
listen = unix:app.sock
pool = echo
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 3                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms connect alice uid 1000 endpoint app | admit alice
at 2ms connect bob uid 1000 endpoint app | admit bob
at 3ms call alice/1                  | alice/1: to echo/0 gen 1, attempt 1
at 3ms call alice/3                  | alice/3: to echo/0 gen 1, attempt 1
at 3ms call alice/5                  | alice/5: to echo/0 gen 1, attempt 1
at 4ms part alice/1 size 200000      | alice/1: part from echo/0
at 4ms part alice/3 size 200000      | alice/3: part from echo/0
at 1004ms reads alice stalled
at 1005ms call alice/7
# her own wait with her
at 1006ms call bob/1                 | alice/1: answered OVERLOADED (its answer was given up: this connection does not read, and others wait for echo)
                                     | cancel echo/0 alice/1 (OVERLOADED)
                                     | alice/3: answered OVERLOADED (its answer was given up: this connection does not read, and others wait for echo)
                                     | cancel echo/0 alice/3 (OVERLOADED)
at 1007ms reply alice/1              | bob/1: to echo/0 gen 1, attempt 1, 29.999s left
# of this one nothing had come yet
at 1008ms call bob/3
at 1009ms reply alice/3              | bob/3: to echo/0 gen 1, attempt 1, 29.999s left
at 1010ms call bob/5
at 1011ms part alice/5 size 10       | alice/5: part from echo/0
at 1012ms reply bob/1                | bob/1: answered by echo/0
                                     | bob/5: to echo/0 gen 1, attempt 1, 29.998s left
at 1013ms reads alice
