# 105: a shutdown finds its way from every state, and each line says that brood ends.
[brood]
shutdown_timeout = 1m
[defaults]
restart_jitter = 0%
stop_timeout = 1s
start_timeout = 1s
[worker:starting]
command = x
start_timeout = 1m
[worker:slow]
command = x
restart_delay = 10s
[worker:leaves]
command = x
[worker:stopping]
command = x
[worker:killing]
command = x
[worker:failed]
command = x
restart = never
---
at 0s start                          | spawn starting/0 gen 1
                                     | starting/0 gen 1: DOWN -> STARTING (start)
                                     | spawn slow/0 gen 1
                                     | slow/0 gen 1: DOWN -> STARTING (start)
                                     | spawn leaves/0 gen 1
                                     | leaves/0 gen 1: DOWN -> STARTING (start)
                                     | spawn stopping/0 gen 1
                                     | stopping/0 gen 1: DOWN -> STARTING (start)
                                     | spawn killing/0 gen 1
                                     | killing/0 gen 1: DOWN -> STARTING (start)
                                     | spawn failed/0 gen 1
                                     | failed/0 gen 1: DOWN -> STARTING (start)
at 0s slots leaves/0 1               | leaves/0 gen 1: STARTING -> UP (ready after 0ms)
at 0s slots stopping/0 1             | stopping/0 gen 1: STARTING -> UP (ready after 0ms)
at 0s slots killing/0 1              | killing/0 gen 1: STARTING -> UP (ready after 0ms)
at 0s exit failed/0 code 1           | failed/0 gen 1: STARTING -> FAILED (exit 1, ran 0ms, restart = never)
at 0.5s restart killing              | killing/0 gen 1: UP -> DRAINING (on command)
                                     | end channel killing/0
                                     | signal killing/0 TERM
                                     | killing/0 gen 1: DRAINING -> STOPPING (nothing in hand), SIGTERM sent
at 1s tick                           | end channel slow/0
                                     | signal slow/0 TERM
                                     | slow/0 gen 1: STARTING -> STOPPING (not ready within start_timeout), SIGTERM sent
at 1.5s exit slow/0 signal 15        | slow/0 gen 1: STOPPING -> BACKOFF (signal 15 TERM, ran 1.5s, not ready within start_timeout), retry 1 in 10.0s
                                     | kill killing/0
                                     | killing/0 gen 1: STOPPING -> KILLING (stop_timeout passed)
at 1.5s tick
at 1.6s call client/1 pool leaves    | client/1: to leaves/0 gen 1, attempt 1
at 1.6s slots leaves/0 0             | leaves/0 gen 1: UP -> DRAINING (it takes no more calls)
at 1.7s restart stopping             | stopping/0 gen 1: UP -> DRAINING (on command)
                                     | end channel stopping/0
                                     | signal stopping/0 TERM
                                     | stopping/0 gen 1: DRAINING -> STOPPING (nothing in hand), SIGTERM sent
at 1.8s shutdown                     | shut
                                     | failed/0 gen 1: FAILED -> DOWN (brood ends)
                                     | slow/0 gen 1: BACKOFF -> DOWN (brood ends)
                                     | end channel starting/0
                                     | signal starting/0 TERM
                                     | starting/0 gen 1: STARTING -> STOPPING (brood ends), SIGTERM sent
at 1.9s exit killing/0 signal 9      | killing/0 gen 1: KILLING -> DOWN (signal 9 KILL, ran 1.9s)
at 1.9s exit stopping/0 code 78      | stopping/0 gen 1: STOPPING -> DOWN (exit 78, ran 1.9s)
at 1.9s reply client/1               | client/1: answered by leaves/0
                                     | flush leaves/0
at 1.9s flushed leaves/0             | end channel leaves/0
                                     | signal leaves/0 TERM
                                     | leaves/0 gen 1: DRAINING -> STOPPING (nothing in hand, all handed over), SIGTERM sent
at 2s exit leaves/0 code 0           | leaves/0 gen 1: STOPPING -> DOWN (exit 0, ran 2.0s, it takes no more calls)
at 2s exit starting/0 code 1         | starting/0 gen 1: STOPPING -> DOWN (exit 1, ran 2.0s)
                                     | finished
