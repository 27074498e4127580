;; Walks over JSON values. Every function takes the offset at which one begins and gives the offset behind it, or 0 when
;; there is none. No end is checked on the way: the byte 0, which stands in no JSON, must follow within the memory.

;; Containers that may be open at once.
(global $deepest i32 (i32.const 64))

;; Walks over a value that begins at `p`; gives 0 when it does not end before `end`, or is not JSON, or too deep.
(func (export "skip_value") (param $p i32) (param $end i32) (result i32)
  (local $byte i32)
  (local.set $byte (i32.load8_u (local.get $end)))
  (i32.store8 (local.get $end) (i32.const 0))
  (local.set $p (call $value (local.get $p) (i32.const 0)))
  (i32.store8 (local.get $end) (local.get $byte))
  (local.get $p))

(func $value (param $p i32) (param $depth i32) (result i32)
  (local $byte i32)
  (local.set $byte (i32.load8_u (local.get $p)))
  (if (i32.eq (local.get $byte) (i32.const 0x22)) (then (return (call $string (i32.add (local.get $p) (i32.const 1))))))
  (if (i32.eq (local.get $byte) (i32.const 0x7b)) (then (return (call $object (local.get $p) (local.get $depth)))))
  (if (i32.eq (local.get $byte) (i32.const 0x5b)) (then (return (call $array (local.get $p) (local.get $depth)))))
  ;; true, null, false
  (if (i32.or
        (i32.eq (i32.load (local.get $p)) (i32.const 0x65757274))
        (i32.eq (i32.load (local.get $p)) (i32.const 0x6c6c756e)))
    (then (return (i32.add (local.get $p) (i32.const 4)))))
  (if (i32.and
        (i32.eq (local.get $byte) (i32.const 0x66))
        (i32.eq (i32.load offset=1 (local.get $p)) (i32.const 0x65736c61)))
    (then (return (i32.add (local.get $p) (i32.const 5)))))
  (call $number (local.get $p)))

(func $object (param $p i32) (param $depth i32) (result i32)
  (if (i32.ge_u (local.get $depth) (global.get $deepest)) (then (return (i32.const 0))))
  (local.set $depth (i32.add (local.get $depth) (i32.const 1)))
  (local.set $p (call $token (i32.add (local.get $p) (i32.const 1))))
  (if (i32.eq (i32.load8_u (local.get $p)) (i32.const 0x7d)) (then (return (i32.add (local.get $p) (i32.const 1)))))
  (loop $members
    (if (i32.ne (i32.load8_u (local.get $p)) (i32.const 0x22)) (then (return (i32.const 0))))
    (local.set $p (call $string (i32.add (local.get $p) (i32.const 1))))
    (if (i32.eqz (local.get $p)) (then (return (i32.const 0))))
    (local.set $p (call $token (local.get $p)))
    (if (i32.ne (i32.load8_u (local.get $p)) (i32.const 0x3a)) (then (return (i32.const 0))))
    (local.set $p (call $value (call $token (i32.add (local.get $p) (i32.const 1))) (local.get $depth)))
    (if (i32.eqz (local.get $p)) (then (return (i32.const 0))))
    (local.set $p (call $token (local.get $p)))
    (if (i32.eq (i32.load8_u (local.get $p)) (i32.const 0x2c))
      (then
        (local.set $p (call $token (i32.add (local.get $p) (i32.const 1))))
        (br $members))))
  (call $closed (local.get $p) (i32.const 0x7d)))

(func $array (param $p i32) (param $depth i32) (result i32)
  (if (i32.ge_u (local.get $depth) (global.get $deepest)) (then (return (i32.const 0))))
  (local.set $depth (i32.add (local.get $depth) (i32.const 1)))
  (local.set $p (call $token (i32.add (local.get $p) (i32.const 1))))
  (if (i32.eq (i32.load8_u (local.get $p)) (i32.const 0x5d)) (then (return (i32.add (local.get $p) (i32.const 1)))))
  (loop $elements
    (local.set $p (call $value (local.get $p) (local.get $depth)))
    (if (i32.eqz (local.get $p)) (then (return (i32.const 0))))
    (local.set $p (call $token (local.get $p)))
    (if (i32.eq (i32.load8_u (local.get $p)) (i32.const 0x2c))
      (then
        (local.set $p (call $token (i32.add (local.get $p) (i32.const 1))))
        (br $elements))))
  (call $closed (local.get $p) (i32.const 0x5d)))

(func $number (param $p i32) (result i32)
  (local $byte i32)
  (local.set $p (i32.add (local.get $p) (i32.eq (i32.load8_u (local.get $p)) (i32.const 0x2d))))
  (local.set $byte (i32.load8_u (local.get $p)))
  (if (i32.eq (local.get $byte) (i32.const 0x30))
    (then (local.set $p (i32.add (local.get $p) (i32.const 1))))
    (else
      (local.set $p (call $digits (local.get $p)))
      (if (i32.eqz (local.get $p)) (then (return (i32.const 0))))))
  (if (i32.eq (i32.load8_u (local.get $p)) (i32.const 0x2e))
    (then
      (local.set $p (call $digits (i32.add (local.get $p) (i32.const 1))))
      (if (i32.eqz (local.get $p)) (then (return (i32.const 0))))))
  (if (i32.eq (i32.or (i32.load8_u (local.get $p)) (i32.const 0x20)) (i32.const 0x65))
    (then
      (local.set $p (i32.add (local.get $p) (i32.const 1)))
      (local.set $byte (i32.load8_u (local.get $p)))
      (local.set $p
        (i32.add
          (local.get $p)
          (i32.or (i32.eq (local.get $byte) (i32.const 0x2b)) (i32.eq (local.get $byte) (i32.const 0x2d)))))
      (return (call $digits (local.get $p)))))
  (local.get $p))

;; At least one digit.
(func $digits (param $p i32) (result i32)
  (if (i32.eqz (call $is_digit (local.get $p))) (then (return (i32.const 0))))
  (loop $more
    (local.set $p (i32.add (local.get $p) (i32.const 1)))
    (br_if $more (call $is_digit (local.get $p))))
  (local.get $p))

(func $is_digit (param $p i32) (result i32)
  (i32.lt_u (i32.sub (i32.load8_u (local.get $p)) (i32.const 0x30)) (i32.const 10)))

;; The first offset from `p` on at which no blank stands.
(func $token (param $p i32) (result i32)
  (local $byte i32)
  (loop $blanks
    (local.set $byte (i32.load8_u (local.get $p)))
    (if (i32.gt_u (local.get $byte) (i32.const 0x20)) (then (return (local.get $p))))
    (if (i32.or
          (i32.or (i32.eq (local.get $byte) (i32.const 0x20)) (i32.eq (local.get $byte) (i32.const 0x0a)))
          (i32.or (i32.eq (local.get $byte) (i32.const 0x0d)) (i32.eq (local.get $byte) (i32.const 0x09))))
      (then
        (local.set $p (i32.add (local.get $p) (i32.const 1)))
        (br $blanks))))
  (local.get $p))

;; The offset behind the closing `byte` at `p`, 0 when another byte stands there.
(func $closed (param $p i32) (param $byte i32) (result i32)
  (select
    (i32.add (local.get $p) (i32.const 1))
    (i32.const 0)
    (i32.eq (i32.load8_u (local.get $p)) (local.get $byte))))
