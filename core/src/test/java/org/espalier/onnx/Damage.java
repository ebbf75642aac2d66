package org.espalier.onnx;

import ai.onnx.proto.OnnxMl.ModelProto;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Damages models: bytes of the file, or fields of the message. */
final class Damage {
    private static final long[] NUMBERS = {
        0,
        1,
        -1,
        2,
        7,
        16,
        255,
        1L << 20,
        Integer.MAX_VALUE,
        Integer.MIN_VALUE,
        1L << 40,
        Long.MAX_VALUE,
        Long.MIN_VALUE
    };
    private static final String[] TEXTS = {"", "x", "y", "w", "hidden", "\n", "no such name", "ai.onnx", "If", "\u0000"
    };

    private final SplittableRandom random;

    Damage(long seed) {
        random = new SplittableRandom(seed);
    }

    /** One byte flipped, set, removed or inserted, a piece overwritten or doubled, or the end cut off. */
    byte[] bytes(byte[] valid) {
        int at = random.nextInt(valid.length);
        byte[] out = valid.clone();
        switch (random.nextInt(7)) {
            case 0 -> out[at] ^= (byte) (1 << random.nextInt(8));
            case 1 -> out[at] = (byte) random.nextInt(256);
            case 2 -> out[at] = (byte) 0xff;
            case 3 -> out = Arrays.copyOf(valid, at);
            case 4 -> out = join(Arrays.copyOf(valid, at), Arrays.copyOfRange(valid, at + 1, valid.length));
            case 5 -> {
                byte[] inserted = new byte[1 + random.nextInt(12)];
                random.nextBytes(inserted);
                out = join(Arrays.copyOf(valid, at), inserted, Arrays.copyOfRange(valid, at, valid.length));
            }
            default -> {
                int length = Math.min(random.nextInt(1, 16), valid.length - at);
                System.arraycopy(valid, random.nextInt(valid.length - length + 1), out, at, length);
            }
        }
        return out;
    }

    private static byte[] join(byte[]... parts) {
        return ByteString.copyFrom(
                        Arrays.stream(parts).map(ByteString::copyFrom).toList())
                .toByteArray();
    }

    /** One field somewhere in the message removed, doubled, swapped or given an extreme value. */
    byte[] fields(ModelProto valid) {
        Message.Builder out = valid.toBuilder();
        damageField(out);
        return out.build().toByteArray();
    }

    private void damageField(Message.Builder message) {
        List<Map.Entry<FieldDescriptor, Object>> fields =
                new ArrayList<>(message.getAllFields().entrySet());
        if (fields.isEmpty()) {
            return;
        }
        Map.Entry<FieldDescriptor, Object> chosen = fields.get(random.nextInt(fields.size()));
        FieldDescriptor field = chosen.getKey();
        if (field.isRepeated()) {
            int index = random.nextInt(message.getRepeatedFieldCount(field));
            if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE && random.nextInt(10) > 0) {
                Message.Builder child = ((Message) message.getRepeatedField(field, index)).toBuilder();
                damageField(child);
                message.setRepeatedField(field, index, child.build());
                return;
            }
            damageList(message, field, index);
        } else if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE && random.nextInt(20) > 0) {
            Message.Builder child = ((Message) chosen.getValue()).toBuilder();
            damageField(child);
            message.setField(field, child.build());
        } else if (random.nextInt(3) == 0 || field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
            message.clearField(field);
        } else {
            message.setField(field, value(field, chosen.getValue()));
        }
    }

    private void damageList(Message.Builder message, FieldDescriptor field, int index) {
        List<Object> values = new ArrayList<>((List<?>) message.getField(field));
        switch (random.nextInt(4)) {
            case 0 -> values.remove(index);
            case 1 -> values.add(values.get(index));
            case 2 -> values.add(0, values.remove(index));
            default -> values.set(index, value(field, values.get(index)));
        }
        message.setField(field, values);
    }

    private Object value(FieldDescriptor field, Object old) {
        long number = NUMBERS[random.nextInt(NUMBERS.length)];
        return switch (field.getJavaType()) {
            case INT -> (int) number;
            case LONG -> number;
            case FLOAT -> (float) number;
            case DOUBLE -> (double) number;
            case BOOLEAN -> number > 0;
            case STRING -> TEXTS[random.nextInt(TEXTS.length)];
            case BYTE_STRING -> ByteString.copyFromUtf8(TEXTS[random.nextInt(TEXTS.length)]);
            case ENUM ->
                field.getEnumType()
                        .getValues()
                        .get(random.nextInt(field.getEnumType().getValues().size()));
            case MESSAGE -> old;
        };
    }
}
