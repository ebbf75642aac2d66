package org.espalier.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

class NativeFailureTest {
    @Test
    void of_whatLibtorchThrows_isItsFirstLine() {
        try (PointerScope scope = new PointerScope()) {
            Tensor three = torch.zeros(3);
            Throwable failure = catchThrowable(() -> three.reshape(2, 2));
            assertThat(failure).hasMessageContaining("Exception raised from");
            assertThat(NativeFailure.of(failure)).contains("shape '[2, 2]' is invalid for input of size 3");
        }
    }

    @Test
    void of_otherFailures_isNothing() {
        assertThat(NativeFailure.of(new RuntimeException("a bug of our own"))).isEmpty();
        assertThat(NativeFailure.of(new IllegalStateException("Exception raised from here")))
                .isEmpty();
        assertThat(NativeFailure.of(new RuntimeException())).isEmpty();
    }
}
