;; Reads a line of JSON and finds the members that a table names, without looking at anything twice. What the tables say, and what the slots mean, is in message-line.ts.
;;
;; A table is an i64 that says whether there may be no other members (1) or any (0), then entries of 48 bytes:
;;   the key with its closing quote, in 16 bytes of which those that are not the key's are 0 | a mask of those 16 bytes |
;;   i32 their number | i32 what is done with the value | i32 slot | i32 table of the value's own members
;; and 16 bytes that are 0 behind the last one. A slot is i32 kind | i32 start | i32 end | nothing | f64 number.

(global $powers (mut i32) (i32.const 0))
(global $root (mut i32) (i32.const 0))
(global $slots (mut i32) (i32.const 0))
(global $first_block (mut i32) (i32.const 0))
(global $most_blocks (mut i32) (i32.const 0))
;; Longer values are left to the one who reads in pieces.
(global $longest (mut i32) (i32.const 0))

;; 1 for the role "user", 2 for "assistant", 3 for "toolResult" and "tool", 0 for any other and none.
(global $role (mut i32) (i32.const 0))
;; Elements of `content` that have a `type` other than those that mean nothing.
(global $blocks (export "blocks") (mut i32) (i32.const 0))

;; Says where things stand: powers of ten from 10^0 on as f64, the record's table, the slots; which slot is the first of
;; the blocks, three each; how many blocks there is room for, and how long a value may be.
(func (export "place")
  (param $powers i32) (param $root i32) (param $slots i32)
  (param $first_block i32) (param $most_blocks i32) (param $longest i32)
  (global.set $powers (local.get $powers))
  (global.set $root (local.get $root))
  (global.set $slots (local.get $slots))
  (global.set $first_block (local.get $first_block))
  (global.set $most_blocks (local.get $most_blocks))
  (global.set $longest (local.get $longest)))

;; Reads the line [start, end). Gives 0 when it is not written as expected, which says nothing about it, 1 when it is
;; JSON that does not count, 2 for a user's message, 3 for an assistant's, 4 for a tool's result.
(func (export "read_line") (param $start i32) (param $end i32) (result i32)
  (local $byte i32) (local $read i32)
  (memory.fill (global.get $slots) (i32.const 0) (i32.mul (global.get $first_block) (i32.const 24)))
  (global.set $role (i32.const 0))
  (global.set $blocks (i32.const 0))
  (local.set $byte (i32.load8_u (local.get $end)))
  (i32.store8 (local.get $end) (i32.const 0))
  (local.set $read (call $members (call $token (local.get $start)) (global.get $root) (i32.const 0)))
  (if (local.get $read) (then (local.set $read (i32.eq (call $token (local.get $read)) (local.get $end)))))
  (i32.store8 (local.get $end) (local.get $byte))
  (select (i32.add (global.get $role) (i32.const 1)) (i32.const 0) (local.get $read)))

;; Walks over an object whose members a table names; their slots are counted from `base` on.
(func $members (param $p i32) (param $table i32) (param $base i32) (result i32)
  (local $low i64) (local $high i64) (local $entry i32) (local $bit i32) (local $seen i32)
  (if (i32.ne (i32.load8_u (local.get $p)) (i32.const 0x7b)) (then (return (i32.const 0))))
  (local.set $p (call $token (i32.add (local.get $p) (i32.const 1))))
  (if (i32.eq (i32.load8_u (local.get $p)) (i32.const 0x7d)) (then (return (i32.add (local.get $p) (i32.const 1)))))
  (loop $members
    (if (i32.ne (i32.load8_u (local.get $p)) (i32.const 0x22)) (then (return (i32.const 0))))
    (local.set $p (i32.add (local.get $p) (i32.const 1)))
    (local.set $low (i64.load (local.get $p)))
    (local.set $high (i64.load offset=8 (local.get $p)))
    (local.set $entry (i32.add (local.get $table) (i32.const 8)))
    (local.set $bit (i32.const 1))
    (block $found
      (loop $entries
        (br_if $found
          (i32.and
            (i64.eq (i64.and (local.get $low) (i64.load offset=16 (local.get $entry))) (i64.load (local.get $entry)))
            (i64.eq
              (i64.and (local.get $high) (i64.load offset=24 (local.get $entry)))
              (i64.load offset=8 (local.get $entry)))))
        (local.set $entry (i32.add (local.get $entry) (i32.const 48)))
        (local.set $bit (i32.shl (local.get $bit) (i32.const 1)))
        (br $entries)))
    ;; The end of the table is like any key.
    (if (i64.eqz (i64.load offset=16 (local.get $entry)))
      (then
        (if (i64.ne (i64.load (local.get $table)) (i64.const 0)) (then (return (i32.const 0))))
        (local.set $p (call $string (local.get $p)))
        ;; A key with escapes may be one of the table.
        (if (i32.or (i32.eqz (local.get $p)) (global.get $escaped)) (then (return (i32.const 0))))
        (local.set $p (call $token (local.get $p)))
        (if (i32.ne (i32.load8_u (local.get $p)) (i32.const 0x3a)) (then (return (i32.const 0))))
        (local.set $p (call $value (call $token (i32.add (local.get $p) (i32.const 1))) (i32.const 0))))
      (else
        ;; Of members that come twice the last one counts.
        (if (i32.and (local.get $seen) (local.get $bit)) (then (return (i32.const 0))))
        (local.set $seen (i32.or (local.get $seen) (local.get $bit)))
        (local.set $p (call $token (i32.add (local.get $p) (i32.load offset=32 (local.get $entry)))))
        (if (i32.ne (i32.load8_u (local.get $p)) (i32.const 0x3a)) (then (return (i32.const 0))))
        (local.set $p
          (call $take
            (call $token (i32.add (local.get $p) (i32.const 1)))
            (local.get $entry)
            (i32.add (local.get $base) (i32.load offset=40 (local.get $entry)))))))
    (if (i32.eqz (local.get $p)) (then (return (i32.const 0))))
    (local.set $p (call $token (local.get $p)))
    (if (i32.eq (i32.load8_u (local.get $p)) (i32.const 0x2c))
      (then
        (local.set $p (call $token (i32.add (local.get $p) (i32.const 1))))
        (br $members))))
  (call $closed (local.get $p) (i32.const 0x7d)))

;; Does with a value what an entry says.
(func $take (param $p i32) (param $entry i32) (param $slot i32) (result i32)
  (local $next i32)
  (block $role
    (block $blocks
      (block $object
        (block $amounts
          (block $amount
            (block $moment
              (block $capture
                (br_table $capture $moment $amount $amounts $object $blocks $role
                  (i32.load offset=36 (local.get $entry))))
              (return (call $capture (local.get $p) (local.get $slot))))
            ;; moment
            (local.set $next (call $moment (local.get $p)))
            (if (i32.eqz (local.get $next)) (then (return (call $capture (local.get $p) (local.get $slot)))))
            (call $put_number (local.get $slot))
            (i32.store (call $slot (local.get $slot)) (i32.const 5))
            (return (local.get $next)))
          ;; amount
          (local.set $next (call $plain_number (local.get $p)))
          (call $put_number (local.get $slot))
          (return (local.get $next)))
        ;; amounts
        (local.set $next (call $members (local.get $p) (i32.load offset=44 (local.get $entry)) (i32.const 0)))
        (if (i32.eqz (local.get $next)) (then (return (call $capture (local.get $p) (local.get $slot)))))
        (i32.store (call $slot (local.get $slot)) (i32.const 4))
        (return (local.get $next)))
      ;; object
      (return (call $members (local.get $p) (i32.load offset=44 (local.get $entry)) (i32.const 0))))
    ;; blocks
    (return (call $elements (local.get $p) (i32.load offset=44 (local.get $entry)))))
  (call $role_of (local.get $p)))

;; Remembers a value: 1 a number, 2 a string without escapes (its inside), 3 any other JSON.
(func $capture (param $p i32) (param $slot i32) (result i32)
  (local $next i32) (local $at i32)
  (local.set $next (call $plain_number (local.get $p)))
  (if (local.get $next)
    (then
      (call $put_number (local.get $slot))
      (return (local.get $next))))
  (local.set $next (call $value (local.get $p) (i32.const 0)))
  (if (i32.or
        (i32.eqz (local.get $next))
        (i32.gt_u (i32.sub (local.get $next) (local.get $p)) (global.get $longest)))
    (then (return (i32.const 0))))
  (local.set $at (call $slot (local.get $slot)))
  (if (i32.and (i32.eq (i32.load8_u (local.get $p)) (i32.const 0x22)) (i32.eqz (global.get $escaped)))
    (then
      (i32.store (local.get $at) (i32.const 2))
      (i32.store offset=4 (local.get $at) (i32.add (local.get $p) (i32.const 1)))
      (i32.store offset=8 (local.get $at) (i32.sub (local.get $next) (i32.const 1))))
    (else
      (i32.store (local.get $at) (i32.const 3))
      (i32.store offset=4 (local.get $at) (local.get $p))
      (i32.store offset=8 (local.get $at) (local.get $next))))
  (local.get $next))

;; The elements of an array, of which the objects are blocks; any other value says nothing.
(func $elements (param $p i32) (param $table i32) (result i32)
  (if (i32.ne (i32.load8_u (local.get $p)) (i32.const 0x5b)) (then (return (call $value (local.get $p) (i32.const 0)))))
  (local.set $p (call $token (i32.add (local.get $p) (i32.const 1))))
  (if (i32.eq (i32.load8_u (local.get $p)) (i32.const 0x5d)) (then (return (i32.add (local.get $p) (i32.const 1)))))
  (loop $elements
    (if (i32.eq (i32.load8_u (local.get $p)) (i32.const 0x7b))
      (then (local.set $p (call $block (local.get $p) (local.get $table))))
      (else (local.set $p (call $value (local.get $p) (i32.const 0)))))
    (if (i32.eqz (local.get $p)) (then (return (i32.const 0))))
    (local.set $p (call $token (local.get $p)))
    (if (i32.eq (i32.load8_u (local.get $p)) (i32.const 0x2c))
      (then
        (local.set $p (call $token (i32.add (local.get $p) (i32.const 1))))
        (br $elements))))
  (call $closed (local.get $p) (i32.const 0x5d)))

;; One block; it is kept if the first of its slots, its type, is a string other than "text" and "thinking".
(func $block (param $p i32) (param $table i32) (result i32)
  (local $base i32) (local $at i32) (local $start i32) (local $length i32)
  (if (i32.ge_u (global.get $blocks) (global.get $most_blocks)) (then (return (i32.const 0))))
  (local.set $base (i32.add (global.get $first_block) (i32.mul (global.get $blocks) (i32.const 3))))
  (local.set $at (call $slot (local.get $base)))
  (memory.fill (local.get $at) (i32.const 0) (i32.const 72))
  (local.set $p (call $members (local.get $p) (local.get $table) (local.get $base)))
  (if (i32.lt_u (i32.load (local.get $at)) (i32.const 2)) (then (return (local.get $p))))
  (if (i32.eq (i32.load (local.get $at)) (i32.const 2))
    (then
      (local.set $start (i32.load offset=4 (local.get $at)))
      (local.set $length (i32.sub (i32.load offset=8 (local.get $at)) (local.get $start)))
      (if (i32.or
            (i32.and
              (i32.eq (local.get $length) (i32.const 4))
              (i32.eq (i32.load (local.get $start)) (i32.const 0x74786574)))
            (i32.and
              (i32.eq (local.get $length) (i32.const 8))
              (i64.eq (i64.load (local.get $start)) (i64.const 0x676e696b6e696874))))
        (then (return (local.get $p))))))
  (global.set $blocks (i32.add (global.get $blocks) (i32.const 1)))
  (local.get $p))

;; Takes note of the role.
(func $role_of (param $p i32) (result i32)
  (if (i64.eq (i64.and (i64.load (local.get $p)) (i64.const 0xffffffffffff)) (i64.const 0x227265737522))
    (then
      (global.set $role (i32.const 1))
      (return (i32.add (local.get $p) (i32.const 6)))))
  (if (i32.and
        (i64.eq (i64.load (local.get $p)) (i64.const 0x6174736973736122))
        (i32.eq (i32.and (i32.load offset=8 (local.get $p)) (i32.const 0xffffff)) (i32.const 0x22746e)))
    (then
      (global.set $role (i32.const 2))
      (return (i32.add (local.get $p) (i32.const 11)))))
  (if (i32.and
        (i64.eq (i64.load (local.get $p)) (i64.const 0x7365526c6f6f7422))
        (i32.eq (i32.load offset=8 (local.get $p)) (i32.const 0x22746c75)))
    (then
      (global.set $role (i32.const 3))
      (return (i32.add (local.get $p) (i32.const 12)))))
  (if (i64.eq (i64.and (i64.load (local.get $p)) (i64.const 0xffffffffffff)) (i64.const 0x226c6f6f7422))
    (then
      (global.set $role (i32.const 3))
      (return (i32.add (local.get $p) (i32.const 6)))))
  (global.set $escaped (i32.const 0))
  (local.set $p (call $value (local.get $p) (i32.const 0)))
  ;; With escapes it may be one that counts.
  (select (i32.const 0) (local.get $p) (global.get $escaped)))

(func $put_number (param $slot i32)
  (local $at i32)
  (local.set $at (call $slot (local.get $slot)))
  (i32.store (local.get $at) (i32.const 1))
  (f64.store offset=16 (local.get $at) (global.get $number_read)))

(func $slot (param $slot i32) (result i32)
  (i32.add (global.get $slots) (i32.mul (local.get $slot) (i32.const 24))))
