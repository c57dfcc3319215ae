module ferrule/bench/fleet

go 1.21
