;; Reads numbers and times that are written as the gateway writes them.

;; What the last call that succeeded has read.
(global $number_read (mut f64) (f64.const 0))
;; Whether something in a time was no digit.
(global $no_digit (mut i32) (i32.const 0))

;; Reads a number without sign and exponent, of at most 18 digits that make no more than 2^53: that and a power of ten
;; are exact in a double, and their quotient is rounded once, as JSON.parse does. Gives the offset behind it, else 0.
(func $plain_number (param $p i32) (result i32)
  (local $digits i64) (local $start i32) (local $point i32) (local $byte i32)
  (if (i32.eqz (call $is_digit (local.get $p))) (then (return (i32.const 0))))
  (if (i32.and
        (i32.eq (i32.load8_u (local.get $p)) (i32.const 0x30))
        (call $is_digit (i32.add (local.get $p) (i32.const 1))))
    (then (return (i32.const 0))))
  (local.set $start (local.get $p))
  (local.set $byte (i32.sub (i32.load8_u (local.get $p)) (i32.const 0x30)))
  (loop $more
    (local.set $digits
      (i64.add (i64.mul (local.get $digits) (i64.const 10)) (i64.extend_i32_u (local.get $byte))))
    (local.set $p (i32.add (local.get $p) (i32.const 1)))
    (local.set $byte (i32.sub (i32.load8_u (local.get $p)) (i32.const 0x30)))
    (br_if $more (i32.lt_u (local.get $byte) (i32.const 10)))
    ;; A point, the only one, with a digit behind it.
    (if (i32.and (i32.eqz (local.get $point)) (i32.eq (local.get $byte) (i32.const -2)))
      (then
        (local.set $point (local.get $p))
        (local.set $p (i32.add (local.get $p) (i32.const 1)))
        (local.set $byte (i32.sub (i32.load8_u (local.get $p)) (i32.const 0x30)))
        (br_if $more (i32.lt_u (local.get $byte) (i32.const 10)))
        (return (i32.const 0)))))
  (if (i32.or
        (i32.gt_u (i32.sub (local.get $p) (local.get $start)) (i32.const 18))
        (i64.gt_u (local.get $digits) (i64.const 0x20000000000000)))
    (then (return (i32.const 0))))
  (global.set $number_read (f64.convert_i64_u (local.get $digits)))
  (if (local.get $point)
    (then
      (global.set $number_read
        (f64.div
          (global.get $number_read)
          (f64.load
            (i32.add
              (global.get $powers)
              (i32.shl (i32.sub (i32.sub (local.get $p) (local.get $point)) (i32.const 1)) (i32.const 3))))))))
  (local.get $p))

;; Reads `"2026-11-22T10:00:00.000Z"` as milliseconds since 1970. Gives the offset behind it; 0 for anything else, also
;; for 29 February and for the year 0, which are rare.
(func $moment (param $p i32) (result i32)
  (local $year i32) (local $month i32) (local $day i32) (local $hour i32) (local $minute i32) (local $second i32)
  (local $ms i32) (local $era i32) (local $days i32)
  ;; Quotes, then `-`, `-`, `T`, `:`, `:`, `.`, `Z"`.
  (if (i32.or
        (i32.or
          (i32.or
            (i32.ne (i32.load8_u (local.get $p)) (i32.const 0x22))
            (i32.ne (i32.load8_u offset=5 (local.get $p)) (i32.const 0x2d)))
          (i32.or
            (i32.ne (i32.load8_u offset=8 (local.get $p)) (i32.const 0x2d))
            (i32.ne (i32.load8_u offset=11 (local.get $p)) (i32.const 0x54))))
        (i32.or
          (i32.or
            (i32.ne (i32.load8_u offset=14 (local.get $p)) (i32.const 0x3a))
            (i32.ne (i32.load8_u offset=17 (local.get $p)) (i32.const 0x3a)))
          (i32.or
            (i32.ne (i32.load8_u offset=20 (local.get $p)) (i32.const 0x2e))
            (i32.ne (i32.load16_u offset=24 (local.get $p)) (i32.const 0x225a)))))
    (then (return (i32.const 0))))
  (global.set $no_digit (i32.const 0))
  (local.set $year
    (i32.add
      (i32.mul (call $two_digits (i32.add (local.get $p) (i32.const 1))) (i32.const 100))
      (call $two_digits (i32.add (local.get $p) (i32.const 3)))))
  (local.set $month (call $two_digits (i32.add (local.get $p) (i32.const 6))))
  (local.set $day (call $two_digits (i32.add (local.get $p) (i32.const 9))))
  (local.set $hour (call $two_digits (i32.add (local.get $p) (i32.const 12))))
  (local.set $minute (call $two_digits (i32.add (local.get $p) (i32.const 15))))
  (local.set $second (call $two_digits (i32.add (local.get $p) (i32.const 18))))
  (local.set $ms
    (i32.add
      (i32.mul (i32.sub (i32.load8_u offset=21 (local.get $p)) (i32.const 0x30)) (i32.const 100))
      (call $two_digits (i32.add (local.get $p) (i32.const 22)))))
  (if (i32.or
        (i32.or
          (i32.or (global.get $no_digit) (i32.eqz (call $is_digit (i32.add (local.get $p) (i32.const 21)))))
          (i32.or (i32.eqz (local.get $year)) (i32.ge_u (i32.sub (local.get $month) (i32.const 1)) (i32.const 12))))
        (i32.or
          (i32.or (i32.gt_u (local.get $hour) (i32.const 23)) (i32.gt_u (local.get $minute) (i32.const 59)))
          (i32.or
            (i32.gt_u (local.get $second) (i32.const 59))
            (i32.ge_u (i32.sub (local.get $day) (i32.const 1)) (call $days_of (local.get $month))))))
    (then (return (i32.const 0))))
  ;; Years begin in March, so that the day that comes every four years is their last.
  (local.set $year (i32.sub (local.get $year) (i32.le_u (local.get $month) (i32.const 2))))
  (local.set $era (i32.div_u (local.get $year) (i32.const 400)))
  (local.set $year (i32.rem_u (local.get $year) (i32.const 400)))
  (local.set $month (i32.rem_u (i32.add (local.get $month) (i32.const 9)) (i32.const 12)))
  (local.set $days
    (i32.add
      (i32.add
        (i32.mul (local.get $era) (i32.const 146097))
        (i32.sub
          (i32.add (i32.mul (local.get $year) (i32.const 365)) (i32.div_u (local.get $year) (i32.const 4)))
          (i32.div_u (local.get $year) (i32.const 100))))
      (i32.add
        (i32.div_u (i32.add (i32.mul (local.get $month) (i32.const 153)) (i32.const 2)) (i32.const 5))
        (local.get $day))))
  ;; 719,469 days before 1970, the last of February of the year 0 is the day 0.
  (global.set $number_read
    (f64.add
      (f64.mul
        (f64.convert_i32_s (i32.sub (local.get $days) (i32.const 719469)))
        (f64.const 86400000))
      (f64.convert_i32_u
        (i32.add
          (i32.mul
            (i32.add
              (i32.mul (i32.add (i32.mul (local.get $hour) (i32.const 60)) (local.get $minute)) (i32.const 60))
              (local.get $second))
            (i32.const 1000))
          (local.get $ms)))))
  (i32.add (local.get $p) (i32.const 26)))

;; The days of a month from 1 to 12, 28 for February.
(func $days_of (param $month i32) (result i32)
  (if (i32.eq (local.get $month) (i32.const 2)) (then (return (i32.const 28))))
  (i32.add (i32.const 30) (i32.and (i32.shr_u (i32.const 0x15aa) (local.get $month)) (i32.const 1))))

(func $two_digits (param $p i32) (result i32)
  (local $tens i32) (local $ones i32)
  (local.set $tens (i32.sub (i32.load8_u (local.get $p)) (i32.const 0x30)))
  (local.set $ones (i32.sub (i32.load8_u offset=1 (local.get $p)) (i32.const 0x30)))
  (global.set $no_digit
    (i32.or
      (global.get $no_digit)
      (i32.or (i32.gt_u (local.get $tens) (i32.const 9)) (i32.gt_u (local.get $ones) (i32.const 9)))))
  (i32.add (i32.mul (local.get $tens) (i32.const 10)) (local.get $ones)))
