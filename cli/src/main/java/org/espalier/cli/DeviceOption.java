package org.espalier.cli;

import org.espalier.torch.Engine;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where libtorch computes. */
final class DeviceOption {
    static final String CPU = "cpu";

    @Option(
            names = "--device",
            paramLabel = "cpu|cuda[:N]",
            description = "Where to train (default: cpu). A GPU needs a build with -Pcuda.")
    private @Nullable String device;

    /**
     * The device that was asked for; {@code otherwise} where none was.
     *
     * @throws InputException if it cannot be used
     */
    String device(String otherwise) {
        String name = device == null ? otherwise : device;
        if (!name.equals(CPU)) {
            try {
                Engine.device(name);
            } catch (IllegalArgumentException e) {
                throw new InputException("--device: " + e.getMessage(), e);
            }
        }
        return name;
    }
}
