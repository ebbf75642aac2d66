package org.espalier.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.espalier.data.DataSet;
import org.espalier.data.DataSets;
import org.espalier.graph.Graph;
import org.espalier.zoo.Zoo;
import org.junit.jupiter.api.Test;

class DeviceSpeedupTest {
    @Test
    void ratio_isThatOfTheWork_andOneForTheSameNetwork() {
        DataSet data = DataSets.open("digits").test();
        Graph large = Zoo.build("lenet5:4", 1);
        Duration budget = Duration.ofMillis(300);
        assertThat(DeviceSpeedup.measure(large, Zoo.build("lenet5:0.2", 1), data, 100, budget))
                .isGreaterThan(3);
        assertThat(DeviceSpeedup.measure(large, large, data, 100, budget)).isBetween(0.6, 1.6);
    }
}
