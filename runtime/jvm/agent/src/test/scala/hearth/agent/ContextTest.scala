package hearth.agent

import org.junit.Test
import org.junit.Assert.assertEquals

class ContextTest {

  @Test def aStageOfALocalContextTakesLittleMemory(): Unit =
    assertEquals("256k", SharedContext.context.sparkContext.getConf.get("spark.broadcast.blockSize"))
}
