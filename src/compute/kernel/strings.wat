;; Walks over the inside of JSON strings, 16 bytes at a step.

;; Whether the last call of $string came over an escape.
(global $escaped (mut i32) (i32.const 0))

;; Walks the inside of a JSON string from `p` on. Returns the offset of the first byte that is a quote, a control
;; character, or a backslash that begins no complete and legal escape before `end`; `end` when there is none.
;; Reads up to 16 bytes past `end`; what stands there has no effect.
(func $skip_string (export "skip_string") (param $p i32) (param $end i32) (result i32)
  (local $mask i32) (local $next i32) (local $v v128)
  (loop $walk
    (if (i32.ge_u (local.get $p) (local.get $end)) (then (return (local.get $end))))
    (local.set $v (v128.load (local.get $p)))
    (local.set $mask
      (i8x16.bitmask
        (v128.or
          (i8x16.eq (i8x16.min_u (local.get $v) (i8x16.splat (i32.const 0x1f))) (local.get $v))
          (v128.or
            (i8x16.eq (local.get $v) (i8x16.splat (i32.const 0x22)))
            (i8x16.eq (local.get $v) (i8x16.splat (i32.const 0x5c)))))))
    (if (i32.eqz (local.get $mask))
      (then
        (local.set $p (i32.add (local.get $p) (i32.const 16)))
        (br $walk)))
    (local.set $p (i32.add (local.get $p) (i32.ctz (local.get $mask))))
    (if (i32.ge_u (local.get $p) (local.get $end)) (then (return (local.get $end))))
    (if (i32.ne (i32.load8_u (local.get $p)) (i32.const 0x5c)) (then (return (local.get $p))))
    (local.set $next (call $escape (local.get $p)))
    (if (i32.or (i32.eqz (local.get $next)) (i32.gt_u (local.get $next) (local.get $end)))
      (then (return (local.get $p))))
    (local.set $p (local.get $next))
    (br $walk))
  (unreachable))

;; Walks a JSON string from behind its opening quote to behind its closing one; 0 when it is no string.
;; No end is checked on the way: a control character must follow within the memory.
(func $string (param $p i32) (result i32)
  (local $mask i32) (local $byte i32) (local $v v128)
  (global.set $escaped (i32.const 0))
  (loop $walk
    (local.set $v (v128.load (local.get $p)))
    (local.set $mask
      (i8x16.bitmask
        (v128.or
          (i8x16.eq (i8x16.min_u (local.get $v) (i8x16.splat (i32.const 0x1f))) (local.get $v))
          (v128.or
            (i8x16.eq (local.get $v) (i8x16.splat (i32.const 0x22)))
            (i8x16.eq (local.get $v) (i8x16.splat (i32.const 0x5c)))))))
    (if (i32.eqz (local.get $mask))
      (then
        (local.set $p (i32.add (local.get $p) (i32.const 16)))
        (br $walk)))
    (local.set $p (i32.add (local.get $p) (i32.ctz (local.get $mask))))
    (local.set $byte (i32.load8_u (local.get $p)))
    (if (i32.eq (local.get $byte) (i32.const 0x22)) (then (return (i32.add (local.get $p) (i32.const 1)))))
    (if (i32.ne (local.get $byte) (i32.const 0x5c)) (then (return (i32.const 0))))
    (global.set $escaped (i32.const 1))
    (local.set $p (call $escape (local.get $p)))
    (br_if $walk (local.get $p)))
  (i32.const 0))

;; The offset behind the escape that the backslash at `p` begins; 0 when that is no legal one.
(func $escape (param $p i32) (result i32)
  (local $byte i32)
  (local.set $byte (i32.load8_u offset=1 (local.get $p)))
  (if (call $is_short_escape (local.get $byte)) (then (return (i32.add (local.get $p) (i32.const 2)))))
  (if (i32.ne (local.get $byte) (i32.const 0x75)) (then (return (i32.const 0))))
  (if (i32.eqz (call $is_hex (i32.load8_u offset=2 (local.get $p)))) (then (return (i32.const 0))))
  (if (i32.eqz (call $is_hex (i32.load8_u offset=3 (local.get $p)))) (then (return (i32.const 0))))
  (if (i32.eqz (call $is_hex (i32.load8_u offset=4 (local.get $p)))) (then (return (i32.const 0))))
  (if (i32.eqz (call $is_hex (i32.load8_u offset=5 (local.get $p)))) (then (return (i32.const 0))))
  (i32.add (local.get $p) (i32.const 6)))

(func $is_short_escape (param $byte i32) (result i32)
  (i32.or
    (i32.or
      (i32.or (i32.eq (local.get $byte) (i32.const 0x6e)) (i32.eq (local.get $byte) (i32.const 0x22)))
      (i32.or (i32.eq (local.get $byte) (i32.const 0x5c)) (i32.eq (local.get $byte) (i32.const 0x74))))
    (i32.or
      (i32.or (i32.eq (local.get $byte) (i32.const 0x2f)) (i32.eq (local.get $byte) (i32.const 0x62)))
      (i32.or (i32.eq (local.get $byte) (i32.const 0x66)) (i32.eq (local.get $byte) (i32.const 0x72))))))

(func $is_hex (param $byte i32) (result i32)
  (i32.or
    (i32.lt_u (i32.sub (local.get $byte) (i32.const 0x30)) (i32.const 10))
    (i32.lt_u (i32.sub (i32.or (local.get $byte) (i32.const 0x20)) (i32.const 0x61)) (i32.const 6))))
