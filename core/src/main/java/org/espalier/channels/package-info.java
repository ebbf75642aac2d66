/**
 * Which channels, over which tensors and axes, live or die together: {@link org.espalier.channels.ChannelGroups} finds the groups of
 * prunable units of a graph, where their signal is read, and what is frozen and why.
 */
@NullMarked
package org.espalier.channels;

import org.jspecify.annotations.NullMarked;
