package org.espalier.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.espalier.bayes.Posterior;
import org.espalier.channels.ChannelGroups;
import org.espalier.graph.Graph;
import org.espalier.graph.GraphBuilder;
import org.espalier.io.Sha256;
import org.espalier.testing.Fuzzer;
import org.espalier.zoo.Zoo;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PosteriorFileTest {
    private static final int HASH = 32;

    @TempDir
    private Path folder;

    private static Posterior random(int units) {
        SplittableRandom random = new SplittableRandom(1);
        return new Posterior(
                random.doubles(units, -20, 5).toArray(),
                random.doubles(units, -20, 5).toArray());
    }

    private static byte[] bytes(ChannelGroups groups, Posterior posterior) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PosteriorFile.write(out, groups, posterior);
        return out.toByteArray();
    }

    private PosteriorFile read(byte[] bytes) throws IOException {
        return PosteriorFile.read(Files.write(folder.resolve("posterior.bin"), bytes));
    }

    @Test
    void posterior_ofAMillionUnits_comesBackBitForBit() throws IOException {
        GraphBuilder b = new GraphBuilder("wide", 1);
        String x = b.input("x", 1_000_000);
        b.output("y", b.gemm("fc", x, 1_000_000, 2), 2);
        ChannelGroups groups = ChannelGroups.of(b.build());
        assertThat(groups.units()).isEqualTo(1_000_000);
        Posterior posterior = random(groups.units());
        Posterior found = read(bytes(groups, posterior)).posterior(groups);
        assertThat(Arrays.equals(found.mu(), posterior.mu())).isTrue();
        assertThat(Arrays.equals(found.logSigma(), posterior.logSigma())).isTrue();
    }

    @Test
    void posterior_ofAnotherNetwork_isRefused() throws IOException {
        ChannelGroups groups = ChannelGroups.of(Zoo.build("lenet-300-100", 1));
        PosteriorFile file = read(bytes(groups, random(groups.units())));
        Graph other = Zoo.build("lenet5", 1);
        assertThatThrownBy(() -> file.posterior(ChannelGroups.of(other)))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("posterior.bin: must be of the trained network's units");
    }

    @Test
    void numbersThatAreNone_areRefused() throws IOException {
        ChannelGroups groups = ChannelGroups.of(Zoo.build("lenet-300-100", 1));
        Posterior posterior = random(groups.units());
        double[] mu = posterior.mu();
        mu[7] = Double.NaN;
        byte[] bytes = bytes(groups, new Posterior(mu, posterior.logSigma()));
        assertThatThrownBy(() -> read(bytes)).hasMessageContaining("unit 7 must have numbers, found NaN");
    }

    @Test
    @Tag("slow")
    void posterior_damagedUnderAFittingChecksum_isReadOrRefused() throws IOException {
        ChannelGroups groups = ChannelGroups.of(Zoo.build("lenet-300-100", 1));
        byte[] good = bytes(groups, random(groups.units()));
        byte[] body = Arrays.copyOf(good, good.length - HASH);
        Fuzzer.assertTakenOrRefused("posterior", List.of(body), List.of("fc1", "\0\0\0\1", "\0\0\0\0"), changed -> {
            byte[] whole = Arrays.copyOf(changed, changed.length + HASH);
            System.arraycopy(Sha256.digest().digest(changed), 0, whole, changed.length, HASH);
            try {
                read(whole).posterior(groups);
                return "";
            } catch (InputException | IOException e) {
                return "refused: " + e.getMessage();
            }
        });
    }
}
