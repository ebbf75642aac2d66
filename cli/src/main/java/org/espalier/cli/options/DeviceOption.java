package org.espalier.cli.options;

import org.espalier.job.InputException;
import org.espalier.job.RunConfiguration;
import org.espalier.torch.Engine;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where libtorch computes. */
public final class DeviceOption {
    @Option(
            names = "--device",
            paramLabel = "cpu|cuda[:N]",
            description = "Where to train (default: cpu). A GPU needs ESPALIER_PROFILE=cuda.")
    private @Nullable String device;

    /**
     * Gives the device to compute on.
     *
     * @param otherwise the device where none was asked for
     * @return the device
     * @throws InputException if it cannot be used
     */
    public String device(String otherwise) {
        String name = device == null ? otherwise : device;
        if (!name.equals(RunConfiguration.CPU)) {
            try {
                Engine.device(name);
            } catch (IllegalArgumentException e) {
                throw new InputException("--device: " + e.getMessage(), e);
            }
        }
        return name;
    }
}
