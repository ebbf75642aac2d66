package org.espalier.graph;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HalfFloatsTest {
    @Test
    void float16_all65536_roundTrip() {
        for (int h = 0; h < 1 << 16; h++) {
            float value = HalfFloats.fromFloat16((short) h);
            short back = HalfFloats.toFloat16(value);
            if (Float.isNaN(value)) {
                assertThat(Float.isNaN(HalfFloats.fromFloat16(back)))
                        .as("half %x", h)
                        .isTrue();
            } else {
                assertThat(back).as("half %x", h).isEqualTo((short) h);
            }
        }
    }

    @Test
    void bfloat16_all65536_roundTrip() {
        for (int h = 0; h < 1 << 16; h++) {
            float value = HalfFloats.fromBfloat16((short) h);
            short back = HalfFloats.toBfloat16(value);
            if (Float.isNaN(value)) {
                assertThat(Float.isNaN(HalfFloats.fromBfloat16(back)))
                        .as("bfloat %x", h)
                        .isTrue();
            } else {
                assertThat(back).as("bfloat %x", h).isEqualTo((short) h);
            }
        }
    }

    @Test
    void fromFloat16_finite_isTheFormulaOfIeee754() {
        for (int h = 0; h < 0x7c00; h++) {
            int exponent = h >> 10;
            int mantissa = h & 0x3ff;
            double expected =
                    exponent == 0 ? mantissa * Math.pow(2, -24) : (1 + mantissa / 1024.0) * Math.pow(2, exponent - 15);
            assertThat((double) HalfFloats.fromFloat16((short) h)).isEqualTo(expected);
            assertThat((double) HalfFloats.fromFloat16((short) (h | 0x8000))).isEqualTo(-expected);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1, 3c00",
        "-2, c000",
        "65504, 7bff",
        "65519.996, 7bff",
        "65520, 7c00",
        "-1e9, fc00",
        "Infinity, 7c00",
        "1.00048828125, 3c00",
        "1.00146484375, 3c02",
        "5.9604645E-8, 0001",
        "2.9802322E-8, 0000",
        "2.9802326E-8, 0001",
        "6.1035156E-5, 0400",
        "6.1005E-5, 03ff",
        "6.1005353E-5, 0400",
        "-0.0, 8000"
    })
    void toFloat16_value_roundsToNearestEven(float value, String expected) {
        assertThat(String.format(Locale.ROOT, "%04x", HalfFloats.toFloat16(value) & 0xffff))
                .isEqualTo(expected);
    }

    @Test
    void toFloat16_random_isNearest() {
        SplittableRandom random = new SplittableRandom(5);
        for (int i = 0; i < 200_000; i++) {
            float value = (float) ((random.nextDouble() * 2 - 1) * Math.pow(2, random.nextInt(-26, 16)));
            int h = HalfFloats.toFloat16(value) & 0xffff;
            double error = Math.abs(HalfFloats.fromFloat16((short) h) - (double) value);
            if ((h & 0x7fff) < 0x7bff) {
                double above = HalfFloats.fromFloat16((short) (h + 1));
                assertThat(error).as("%s", value).isLessThanOrEqualTo(Math.abs(above - value));
            }
            if ((h & 0x7fff) > 0) {
                double below = HalfFloats.fromFloat16((short) (h - 1));
                assertThat(error).as("%s", value).isLessThanOrEqualTo(Math.abs(below - value));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 3f80", "1.00390625, 3f80", "1.01171875, 3f82", "3.4028235E38, 7f80", "NaN, 7fc0"})
    void toBfloat16_value_roundsToNearestEven(float value, String expected) {
        assertThat(String.format(Locale.ROOT, "%04x", HalfFloats.toBfloat16(value) & 0xffff))
                .isEqualTo(expected);
    }
}
