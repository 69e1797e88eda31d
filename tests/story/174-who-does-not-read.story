# 174: C5: calls of a client that reads late have no turn until it has read; for what it cannot be given there is no room.
[worker:echo]
command = echo-worker
[endpoint:app]
listen = unix:app.sock
pool = echo
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 4                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms connect alice uid 1000 endpoint app | admit alice
at 2ms connect bob uid 1000 endpoint app | admit bob
at 3ms call alice/1                  | alice/1: to echo/0 gen 1, attempt 1
at 3ms call alice/3                  | alice/3: to echo/0 gen 1, attempt 1
at 3ms call alice/5                  | alice/5: to echo/0 gen 1, attempt 1
at 4ms reads alice late
# there is a slot free, but not for her
at 5ms call alice/7
at 6ms call bob/1                    | bob/1: to echo/0 gen 1, attempt 1
at 7ms part alice/1 size 5000        | alice/1: part from echo/0
at 8ms reads alice nothing
at 9ms part alice/1 size 5000        | alice/1: answered OVERLOADED (there is no room for its answer: this connection does not read, max_unread = 33554432)
                                     | cancel echo/0 alice/1 (OVERLOADED)
at 10ms reply alice/3 size 5000      | alice/3: answered OVERLOADED (there is no room for its answer: this connection does not read, max_unread = 33554432)
# what is small has room
at 11ms reply alice/5 size 10        | alice/5: answered by echo/0
at 12ms reads alice late
at 13ms reads alice                  | alice/7: to echo/0 gen 1, attempt 1, 29.992s left
at 14ms reply alice/7                | alice/7: answered by echo/0
at 15ms reads alice late
at 16ms call alice/9 timeout 1s
at 1016ms tick                       | alice/9: answered DEADLINE (no answer within 1.0s (it waited in the queue)), retry is safe
at 1017ms counters echo              | echo: accepted 6, replied 2, errored 3, expired 1, in flight 1
