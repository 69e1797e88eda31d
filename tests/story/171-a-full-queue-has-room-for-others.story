# 171: C9: a user that has filled the queue is refused what does not fit; of each other one its part comes in all the same.
[worker:echo]
command = echo-worker
queue = 4
on_overflow = reject
[endpoint:app]
listen = unix:app.sock
pool = echo
---
at 0ms start                         | spawn echo/0 gen 1
                                     | echo/0 gen 1: DOWN -> STARTING (start)
at 1ms slots echo/0 1                | echo/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms connect flood uid 1000 endpoint app | admit flood
at 2ms connect alice uid 1001 endpoint app | admit alice
at 2ms connect bob uid 1002 endpoint app | admit bob
at 3ms call flood/1                  | flood/1: to echo/0 gen 1, attempt 1
at 3ms call flood/3
at 3ms call flood/5
at 3ms call flood/7
at 3ms call flood/9                  | echo: 4 of 4 calls wait (400 of 67108864 bytes): what does not fit is refused
at 3ms call flood/11                 | flood/11: answered OVERLOADED (echo is overloaded: 4 calls wait, queue = 4), retry is safe
at 4ms call alice/1
at 4ms call alice/3
at 4ms call alice/5                  | alice/5: answered OVERLOADED (echo is overloaded: 2 calls of this user wait, its part of queue is 2), retry is safe
at 5ms call bob/1
at 5ms call bob/3                    | bob/3: answered OVERLOADED (echo is overloaded: 1 call of this user waits, its part of queue is 1), retry is safe
at 6ms call flood/13                 | flood/13: answered OVERLOADED (echo is overloaded: 4 calls of this user wait, its part of queue is 1), retry is safe
at 7ms reply flood/1                 | flood/1: answered by echo/0
                                     | flood/3: to echo/0 gen 1, attempt 1, 29.996s left
at 8ms counters echo                 | echo: accepted 8, replied 1, refused 4, tight 1, queued 6, in flight 1
