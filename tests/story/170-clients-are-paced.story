# 170: where the queue gets full, clients may have so many calls open as fit, each of the same; what is on its way still comes in.
[worker:echo]
command = echo-worker
queue = 10
[endpoint:app]
listen = unix:app.sock
pool = echo
max_calls = 16
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 2                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms connect idle uid 1000 endpoint app | admit idle
at 2ms connect alice uid 1000 endpoint app | admit alice
at 2ms connect bob uid 1000 endpoint app | admit bob
at 3ms call alice/1                  | alice/1: to echo/0 gen 1, attempt 1
at 3ms call alice/3                  | alice/3: to echo/0 gen 1, attempt 1
at 3ms call alice/5
at 3ms call alice/7
at 3ms call alice/9
at 3ms call bob/1
at 3ms call bob/3
at 3ms call bob/5
at 3ms call bob/7
at 3ms call bob/9                    | echo: 8 of 10 calls wait (800 of 67108864 bytes): its clients are slowed down
                                     | slots alice 4
                                     | slots bob 4
at 4ms call bob/11
at 5ms call bob/13
at 5ms call bob/15
at 5ms call bob/17
# an operator has no SLOTS; where its user has none here, that one has its part
at 6ms call operator/1
# who had none open hears of it with the first
at 7ms call idle/1                   | slots idle 4
at 8ms reply alice/1                 | alice/1: answered by echo/0
                                     | operator/1: to echo/0 gen 1, attempt 1, 29.998s left
at 8ms reply alice/3                 | alice/3: answered by echo/0
                                     | alice/5: to echo/0 gen 1, attempt 1, 29.995s left
at 9ms gone bob                      | echo: 4 of 10 calls wait (400 of 67108864 bytes): there is room again
                                     | slots idle 16
                                     | slots alice 16
at 10ms gone idle
at 11ms counters echo                | echo: accepted 16, replied 2, closed 10, tight 1, queued 2, in flight 2
