# 064: what happens to one pool does not reach another.
[worker:a]
command = a
queue = 1
[worker:b]
command = b
---
at 0ms start                         | spawn a/0 gen 1
                                     | a/0 gen 1: DOWN -> STARTING (start)
                                     | spawn b/0 gen 1
                                     | b/0 gen 1: DOWN -> STARTING (start)
at 1ms slots a/0 1                   | a/0 gen 1: STARTING -> UP (ready after 1ms)
at 1ms slots b/0 1                   | b/0 gen 1: STARTING -> UP (ready after 1ms)
at 2ms call client/1 pool a          | client/1: to a/0 gen 1, attempt 1
at 2ms call client/3 pool b idempotent | client/3: to b/0 gen 1, attempt 1, idempotent
at 2ms call client/5 pool a          | a: 1 of 1 calls wait (100 of 67108864 bytes): its clients are slowed down
at 2ms call client/7 pool a          | client/7: answered OVERLOADED (a is overloaded: 1 call waits, queue = 1), retry is safe
at 2ms call client/9 pool b
at 3ms stop a                        | a/0 gen 1: UP -> DRAINING (on command)
at 4ms reply client/1                | client/1: answered by a/0
                                     | client/5: to a/0 gen 1, attempt 1, 29.998s left
                                     | a: 0 of 1 calls wait (0 of 67108864 bytes): there is room again
at 5ms reply client/3                | client/3: answered by b/0
                                     | client/9: to b/0 gen 1, attempt 1, 29.997s left
