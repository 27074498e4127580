;; Finds the lines of a transcript, 32 bytes at a step.

;; What the last call of lines_to_read came to: lines with at least one byte, and the offset behind the last newline.
(global $lines (export "lines") (mut i32) (i32.const 0))
(global $next (export "next") (mut i32) (i32.const 0))

;; Walks the lines of [start, end) that end in a newline and stores the (start, end) of those that cannot be rejected
;; unread at `out`, as pairs of i32, or with `all` of every one that is not empty; at most `max` of them. Returns their
;; number. (The rule: line-scanner.ts.)
;; Reads up to 33 bytes past `end`; what stands there has no effect.
(func (export "lines_to_read")
  (param $start i32) (param $end i32) (param $out i32) (param $max i32) (param $all i32)
  (result i32)
  (local $p i32) (local $at i32) (local $mask i32) (local $byte i32)
  (local $line i32) (local $results i32) (local $read i32) (local $count i32)
  (local $v v128) (local $w v128) (local $x v128) (local $y v128)
  (global.set $lines (i32.const 0))
  (global.set $next (local.get $start))
  (local.set $p (local.get $start))
  (local.set $line (local.get $start))
  (local.set $read (local.get $all))
  (block $done
    (loop $vectors
      (br_if $done (i32.ge_u (local.get $p) (local.get $end)))
      (local.set $v (v128.load (local.get $p)))
      (local.set $w (v128.load offset=1 (local.get $p)))
      (local.set $x (v128.load offset=16 (local.get $p)))
      (local.set $y (v128.load offset=17 (local.get $p)))
      ;; newline, or `"r`, or `\u`
      (local.set $v
        (v128.or
          (i8x16.eq (local.get $v) (i8x16.splat (i32.const 10)))
          (v128.or
            (v128.and
              (i8x16.eq (local.get $v) (i8x16.splat (i32.const 0x22)))
              (i8x16.eq (local.get $w) (i8x16.splat (i32.const 0x72))))
            (v128.and
              (i8x16.eq (local.get $v) (i8x16.splat (i32.const 0x5c)))
              (i8x16.eq (local.get $w) (i8x16.splat (i32.const 0x75)))))))
      (local.set $x
        (v128.or
          (i8x16.eq (local.get $x) (i8x16.splat (i32.const 10)))
          (v128.or
            (v128.and
              (i8x16.eq (local.get $x) (i8x16.splat (i32.const 0x22)))
              (i8x16.eq (local.get $y) (i8x16.splat (i32.const 0x72))))
            (v128.and
              (i8x16.eq (local.get $x) (i8x16.splat (i32.const 0x5c)))
              (i8x16.eq (local.get $y) (i8x16.splat (i32.const 0x75)))))))
      (if (v128.any_true (v128.or (local.get $v) (local.get $x)))
        (then
          (local.set $mask
            (i32.or
              (i8x16.bitmask (local.get $v))
              (i32.shl (i8x16.bitmask (local.get $x)) (i32.const 16))))
          (loop $matches
            (local.set $at (i32.add (local.get $p) (i32.ctz (local.get $mask))))
            (local.set $mask (i32.and (local.get $mask) (i32.sub (local.get $mask) (i32.const 1))))
            (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
            (local.set $byte (i32.load8_u (local.get $at)))
            (if (i32.eq (local.get $byte) (i32.const 10))
              (then
                (if (i32.gt_u (local.get $at) (local.get $line))
                  (then
                    (global.set $lines (i32.add (global.get $lines) (i32.const 1)))
                    (if (i32.or (local.get $read) (i32.gt_u (local.get $results) (i32.const 1)))
                      (then
                        (i32.store (local.get $out) (local.get $line))
                        (i32.store offset=4 (local.get $out) (local.get $at))
                        (local.set $out (i32.add (local.get $out) (i32.const 8)))
                        (local.set $count (i32.add (local.get $count) (i32.const 1)))))))
                (local.set $line (i32.add (local.get $at) (i32.const 1)))
                (global.set $next (local.get $line))
                (local.set $read (local.get $all))
                (local.set $results (i32.const 0))
                (br_if $done (i32.eq (local.get $count) (local.get $max))))
              (else
                (if (i32.eq (local.get $byte) (i32.const 0x22))
                  (then
                    ;; `"role"` whole?
                    (if (i32.and
                          (i32.eq (i32.load offset=1 (local.get $at)) (i32.const 0x656c6f72))
                          (i32.eq (i32.load8_u offset=5 (local.get $at)) (i32.const 0x22)))
                      (then
                        ;; followed by `:"toolResult"`?
                        (if (i32.and
                              (i64.eq (i64.load offset=6 (local.get $at)) (i64.const 0x65526c6f6f74223a))
                              (i64.eq (i64.load offset=11 (local.get $at)) (i64.const 0x22746c757365526c)))
                          (then (local.set $results (i32.add (local.get $results) (i32.const 1))))
                          (else (local.set $read (i32.const 1)))))))
                  (else
                    ;; `\u006` or `\u007`?
                    (if (i32.and
                          (i32.eq (i32.load (local.get $at)) (i32.const 0x3030755c))
                          (i32.eq (i32.and (i32.load8_u offset=4 (local.get $at)) (i32.const 0xfe)) (i32.const 0x36)))
                      (then (local.set $read (i32.const 1))))))))
            (br_if $matches (local.get $mask)))))
      (local.set $p (i32.add (local.get $p) (i32.const 32)))
      (br $vectors)))
  (local.get $count))
