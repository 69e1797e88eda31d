# 173: max_calls_per_uid counts what waits and what is in hand, of all connections of a user, also what it does not want any more.
[worker:echo]
command = echo-worker
max_calls_per_uid = 2
[endpoint:app]
listen = unix:app.sock
pool = echo
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 1                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms connect a uid 1000 endpoint app | admit a
at 2ms connect b uid 1000 endpoint app | admit b
at 2ms connect c uid 1001 endpoint app | admit c
at 3ms call a/1                      | a/1: to echo/0 gen 1, attempt 1
at 3ms call b/1
at 4ms call a/3                      | a/3: answered OVERLOADED (2 calls of this user wait for echo or are in its hands, max_calls_per_uid = 2), retry is safe
at 5ms call c/1
at 6ms gone a                        | cancel echo/0 a/1 (CANCELLED)
at 7ms call b/3                      | b/3: answered OVERLOADED (2 calls of this user wait for echo or are in its hands, max_calls_per_uid = 2), retry is safe
at 8ms reply a/1                     | b/1: to echo/0 gen 1, attempt 1, 29.995s left
at 9ms call b/5
