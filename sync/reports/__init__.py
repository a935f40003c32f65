"""Views of one judgement: terminal tables and JSON documents. Pure: values in, something to show out."""
