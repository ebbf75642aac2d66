package org.espalier.torch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

class NativeHandlesTest {
    private static Map<String, Long> growth(Map<String, Long> before) {
        Map<String, Long> more = new HashMap<>(NativeHandles.places());
        before.forEach((place, count) -> more.merge(place, -count, Long::sum));
        more.values().removeIf(n -> n == 0);
        return more;
    }

    @Test
    void leak_isNamedByItsPlace() {
        assertThat(NativeHandles.DEBUG)
                .as("the build sets espalier.debug.memory")
                .isTrue();
        Map<String, Long> before = NativeHandles.places();
        Tensor[] leaked = new Tensor[3];
        try (Scope scope = Scope.open()) {
            for (int i = 0; i < leaked.length; i++) {
                leaked[i] = NativeHandles.keep(torch.ones(2));
            }
            NativeHandles.release(NativeHandles.keep(torch.ones(2)));
        }
        assertThat(growth(before)).hasSize(1).containsValue(3L);
        assertThat(growth(before).keySet().iterator().next()).startsWith("NativeHandlesTest.leak_isNamedByItsPlace:");
        assertThat(NativeHandles.report()).contains("NativeHandlesTest.leak_isNamedByItsPlace:", "MiB");
        assertThat(leaked[2].sum().item_double()).isEqualTo(2);
        for (Tensor t : leaked) {
            NativeHandles.release(t);
        }
        assertThat(growth(before)).isEmpty();
    }
}
