# 018: a start while a worker ends by itself is a start: the next process comes at once, whatever policy says.
[defaults]
restart = never
[worker:leaves]
command = x
[worker:slow]
command = x
start_timeout = 1s
---
at 0ms start                         | spawn leaves/0 gen 1
                                     | leaves/0 gen 1: DOWN -> STARTING (start)
                                     | spawn slow/0 gen 1
                                     | slow/0 gen 1: DOWN -> STARTING (start)
at 1ms slots leaves/0 1              | leaves/0 gen 1: STARTING -> UP (ready after 1ms)
at 1ms call client/1 pool leaves     | client/1: to leaves/0 gen 1, attempt 1
at 2ms slots leaves/0 0              | leaves/0 gen 1: UP -> DRAINING (it takes no more calls)
at 3ms start leaves job 1
at 4ms reply client/1                | client/1: answered by leaves/0
                                     | flush leaves/0
at 4ms flushed leaves/0              | end channel leaves/0
                                     | signal leaves/0 TERM
                                     | leaves/0 gen 1: DRAINING -> STOPPING (nothing in hand, all handed over), SIGTERM sent
at 5ms exit leaves/0 code 0          | spawn leaves/0 gen 2
                                     | leaves/0 gen 2: STOPPING -> STARTING (gen 1: exit 0, ran 5ms, it takes no more calls)
at 6ms slots leaves/0 1              | leaves/0 gen 2: STARTING -> UP (ready after 1ms)
                                     | job 1: done 1, failed 0 of 1, changed 1
at 1s tick                           | end channel slow/0
                                     | signal slow/0 TERM
                                     | slow/0 gen 1: STARTING -> STOPPING (not ready within start_timeout), SIGTERM sent
at 1001ms start slow job 2
at 1002ms exit slow/0 signal 15      | spawn slow/0 gen 2
                                     | slow/0 gen 2: STOPPING -> STARTING (gen 1: signal 15 TERM, ran 1.0s, not ready within start_timeout)
at 1003ms slots slow/0 1             | slow/0 gen 2: STARTING -> UP (ready after 1ms)
                                     | job 2: done 1, failed 0 of 1, changed 1
