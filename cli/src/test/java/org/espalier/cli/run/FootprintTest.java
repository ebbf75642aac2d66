package org.espalier.cli.run;

import static org.assertj.core.api.Assertions.assertThat;

import org.espalier.data.DataSet;
import org.espalier.data.DataSets;
import org.espalier.zoo.Zoo;
import org.junit.jupiter.api.Test;

class FootprintTest {
    private static final long GIB = 1L << 30;

    @Test
    void examples_areThoseWanted_orAPowerOfTwoForWhichThereIsRoom() {
        assertThat(Footprint.examples(GIB / 100, GIB, 100)).isEqualTo(100);
        assertThat(Footprint.examples(GIB / 99, GIB, 100)).isEqualTo(64);
        assertThat(Footprint.examples(GIB / 3, GIB, 256)).isEqualTo(2);
        assertThat(Footprint.examples(3 * GIB, GIB, 256)).isEqualTo(1);
        assertThat(Footprint.examples(0, GIB, 256)).isEqualTo(256);
    }

    @Test
    void smallNetworks_getAllThatIsWanted() {
        DataSet digits = DataSets.digits(1, 1, 1).train();
        assertThat(Footprint.inference(Zoo.build("lenet5", 1), digits, 256)).isEqualTo(256);
        assertThat(Footprint.training(Zoo.build("lenet5", 1), digits, 128)).isEqualTo(128);
    }
}
